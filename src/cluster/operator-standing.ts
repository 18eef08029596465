import type { Problem } from '../domain/problem.ts';
import type { KeepNote, OperatorId, OperatorRecord } from '../domain/records.ts';

/**
 * Whether this process is the only one that leads in the name of its Kubernetes cluster. A clone of the cluster has all
 * uids of the first one, so the one thing that tells the two apart is that both write themselves down in the engine that
 * they share.
 *
 *   alone: nothing is held back.
 *   settling: it may have taken over from one that still works; deletions and take-overs wait until that is known.
 *   twin: another one leads as well, or a human chose another one; they wait until a human chooses this one.
 */
export type OperatorStanding =
  | { readonly is: 'alone' }
  | { readonly is: 'settling'; readonly sinceMs: number }
  | {
      readonly is: 'twin';
      readonly others: readonly string[];
      /** A human chose another one. */
      readonly isDecided: boolean;
    };

export type Former = { readonly process: string; readonly released: boolean };

/** This process among all that ever lead in its name. */
export type OwnProcess = {
  readonly id: OperatorId;
  /** Names this process alone. */
  readonly process: string;
  /**
   * Who held the Lease before, and whether that one gave it back; absent: nobody did. `any`: there is no Lease, and whoever
   * stands in the record is taken for one that has ended.
   */
  readonly former?: Former | 'any' | undefined;
};

type Look = {
  readonly found: OperatorRecord | undefined;
  /** What the look before came to; absent at the first look of this process. */
  readonly before: OperatorStanding | undefined;
  readonly nowMs: number;
  /** So long must its own name have stood there before it takes itself for the only one. */
  readonly settleMs: number;
};

type Judgement = { readonly standing: OperatorStanding; readonly write?: OperatorRecord };

/** What the record says of this process, and what it writes there. Pure. */
export function judged(own: OwnProcess, look: Look): Judgement {
  const { found, before } = look;
  const over = found?.kept?.over ?? [];
  if (found && over.includes(own.process)) return { standing: twinOf(own, found) };
  return before === undefined ? first(own, look) : later(own, look, before);
}

function first(own: OwnProcess, { found, nowMs }: Look): Judgement {
  if (found?.kept && found.kept.over.some(each => isFormer(own, each) && own.former !== 'any'))
    return { standing: twinOf(own, found), write: asLoser(own, found, found.kept) };
  const write = written(own, found, []);
  if (write.disputed.length > 0) return { standing: twinOf(own, write), write };
  const isReleased = own.former === 'any' || own.former?.released === true;
  const isAlone = found ? isReleased && isFormer(own, found.process) : isReleased || own.former === undefined;
  return { standing: isAlone ? { is: 'alone' } : { is: 'settling', sinceMs: nowMs }, write };
}

function later(own: OwnProcess, { found, nowMs, settleMs }: Look, before: OperatorStanding): Judgement {
  if (!found) return { standing: before, write: written(own, undefined, []) };
  // Its own name among those that are at odds: the other one knows, and there is no need to go on writing in turns.
  if (found.disputed.includes(own.process)) return { standing: twinOf(own, found) };
  if (found.process !== own.process) {
    const write = written(own, found, [found.process, own.process]);
    return { standing: twinOf(own, write), write };
  }
  if (before.is === 'settling' && nowMs - before.sinceMs < settleMs) return { standing: before };
  return { standing: { is: 'alone' } };
}

function isFormer({ former }: OwnProcess, other: string): boolean {
  return former === 'any' || other === former?.process;
}

/** The record with this process in the place of the one that it follows, and these at odds beside those that are. */
function written(own: OwnProcess, found: OperatorRecord | undefined, atOdds: readonly string[]): OperatorRecord {
  const { id, process, former } = own;
  const inPlace = (each: string): string => (former !== 'any' && each === former?.process ? process : each);
  const disputed = [...new Set([...(found?.disputed ?? []).map(inPlace), ...atOdds])];
  return { ...found, ...id, kind: 'operator', process, disputed };
}

/** Whoever follows one that a human decided against is decided against as well. */
function asLoser({ process }: OwnProcess, found: OperatorRecord, kept: KeepNote): OperatorRecord {
  return { ...found, kept: { ...kept, over: [...kept.over, process] } };
}

function twinOf({ process }: OwnProcess, { process: last, disputed, kept }: OperatorRecord): OperatorStanding {
  if (kept?.over.includes(process) || disputed.length === 0) return { is: 'twin', others: [last], isDecided: true };
  return { is: 'twin', others: disputed.filter(each => each !== process).toSorted(), isDecided: false };
}

/** Why nothing may be deleted or taken over now; undefined = it may. Absent standing: not looked at yet. */
export function doubtOf(process: string, standing: OperatorStanding | undefined): Problem | undefined {
  const held = 'nothing is deleted or taken over';
  switch (standing?.is) {
    case 'alone':
      return undefined;
    case undefined:
      return { reason: 'OperatorSettling', message: `${held} before the settings index was looked at` };
    case 'settling':
      return {
        reason: 'OperatorSettling',
        message: `this operator took over from one that did not give its Lease back; ${held} before two looks at the settings index have shown that no other one works on it`,
      };
    case 'twin': {
      const others = standing.others.join(', ');
      const what = standing.isDecided ? 'was chosen to stay' : 'also works on this engine';
      const choose = `name the one that stays: reindeer operator keep ${process} (this one), or the other`;
      return { reason: 'OperatorTwin', message: `operator ${others} ${what}; ${held} by this one; ${choose}` };
    }
  }
}
