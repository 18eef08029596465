import type { EngineHands } from '../alias/engine-hands.ts';
import { LockWatch, type LockSeen } from '../alias/lock-watch.ts';
import { observeAlias } from '../alias/observe.ts';
import { reasons } from '../api/reasons.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import { backOffMs } from '../domain/back-off.ts';
import { findCondition } from '../domain/conditions.ts';
import { ConflictError, RetryableError, TerminalError } from '../domain/errors.ts';
import type { Problem } from '../domain/problem.ts';
import { fencesOn } from '../fences/fences.ts';
import { decideAsking } from '../plan/ask.ts';
import { decideRequest } from '../runs/decide.ts';
import type { Decision } from '../runs/decision.ts';
import { holdsLock } from '../runs/facts.ts';
import type { Look } from '../runs/look.ts';
import type { Head, Observed } from '../runs/observed.ts';
import { isFinished } from '../runs/queue.ts';
import { strategyOf } from '../runs/strategies.ts';
import type { RepoTarget } from '../runs/target.ts';
import { turn } from '../runs/turn.ts';
import { heldError } from '../workers/run/held-lease.ts';
import type { CliContext } from './context.ts';
import { holderOf } from './index-run.ts';
import type { LocalWork } from './local-work.ts';
import { lockLeaseSeconds } from './take-lock.ts';

/** A run of the operator's strategies that this program drives itself. */
export type Drive = {
  readonly context: CliContext;
  /** Without an object in Kubernetes: it lives as long as this program. */
  readonly request: ReindexRequest;
  readonly target: RepoTarget;
  readonly head: Head;
  readonly image: string;
  readonly work: LocalWork;
};

/** How a run is over: it succeeded, it failed for good, or it was cut short and can be gone on with. */
export type Driven = { readonly is: 'succeeded' | 'cut-short' } | ({ readonly is: 'failed' } & Problem);

/** How soon the engine is looked at again, however long a step would wait: this run has nothing else to do. */
const longestPauseMs = 1000;
const mostFailures = 5;
const backOff = { firstMs: 500, longestMs: 5000 };

/**
 * Turns until the run is over; throws what keeps it from going on. Whatever happens, nothing of it is at work any more
 * afterwards, and its lock is given back if the engine can be asked.
 */
export async function drive(run: Drive): Promise<Driven> {
  try {
    return await turns(run);
  } finally {
    await run.work.stopAll().catch(() => undefined);
    await giveLockBack(run).catch(() => undefined);
  }
}

async function turns(run: Drive): Promise<Driven> {
  const { context, work } = run;
  const hands = handsOf(context);
  const { uuid: clusterUuid } = await context.engine.info();
  const locks = new LockWatch(context.clock);
  let { request } = run;
  let waitedOn: LockSeen | undefined;
  let failures = 0;
  let told = '';
  for (;;) {
    context.signal.throwIfAborted();
    if (work.isCutShort) return { is: 'cut-short' };
    try {
      const look = await lookAt({ ...run, request }, { hands, clusterUuid, locks });
      waitedOn = waitedFor(look, waitedOn);
      const decision = await turn(look, silent, async ({ refusal, status }) => {
        if (refusal?.isFinal) requireEnd(refusal, look.decision);
        if (status) request = { ...request, status };
      });
      failures = 0;
      if (isFinished(request)) return outcomeOf(request);
      told = tellWait(context, decision, told);
      await pause(run, decision.againInMs ?? 0);
    } catch (error) {
      failures += 1;
      if (!mayMend(error) || failures > mostFailures) throw error;
      await context.clock.sleep(backOffMs(failures, backOff), context.signal);
    }
  }
}

type Side = { readonly hands: EngineHands; readonly clusterUuid: string; readonly locks: LockWatch };

/** What the operator knows besides is not so here: no queue, no pause, no other object. */
async function lookAt(run: Drive, { hands, clusterUuid, locks }: Side): Promise<Look> {
  const { context, request, target, head, image, work } = run;
  const { alias } = target;
  const { side, lock } = await observeAlias(alias, context.settingsIndex, hands);
  const isOurs = (): boolean => false;
  const seen = lock && locks.seen({ place: clusterUuid, alias, lock, isOurs, isGone: isOurs });
  const base: Omit<Observed, 'answers'> = {
    ...{ now: context.clock.now(), request, traits: strategyOf(request).traits, target, image },
    ...{ holder: holderOf(context), leaseSeconds: lockLeaseSeconds, jobs: work.jobs },
    engine: { ...side, clusterUuid, operator: '', doubt: undefined, ownerLives: false, lock: seen },
    ...{ pausedBy: undefined, hindrance: undefined, ahead: undefined, aside: false, preemptedBy: undefined },
    ...{ zones: undefined, place: undefined, run: undefined, lastBuild: undefined, isCheckDue: false },
  };
  const of = { kube: undefined, workplace: work, engine: hands, head: async () => Promise.resolve(head) };
  return { ...(await decideAsking(answers => ({ ...base, answers }), decideRequest, of)), hands: of };
}

export function handsOf({ engine, settings, clock }: CliContext): EngineHands {
  return { engine, settings, ...fencesOn(engine, clock) };
}

/** A holder that renews while it is waited for lives, and may be at work for hours. */
function waitedFor({ observed }: Look, before: LockSeen | undefined): LockSeen | undefined {
  const lock = observed.engine?.lock;
  if (!lock?.lease.held || holdsLock(observed)) return undefined;
  if (before === undefined || (before.seqNo === lock.seqNo && before.lease.token === lock.lease.token)) return lock;
  throw heldError(lock.lease);
}

/** A human is asked where the operator would wait for one: by an error that ends this program. */
function requireEnd(refusal: Problem, decision: Decision): void {
  if (decision.is !== 'walking') throw new TerminalError(decision.outcome.reason, decision.outcome.message);
  if (reasons[refusal.reason].endsRun !== true) throw new TerminalError(refusal.reason, refusal.message);
}

function tellWait({ output }: CliContext, decision: Decision, told: string): string {
  const verdict = decision.is === 'walking' ? decision.standing.verdict : undefined;
  if (verdict?.is !== 'wait' || verdict.reason === 'Running' || verdict.message === told) return told;
  output.note(verdict.message);
  return verdict.message;
}

async function pause({ context, work }: Drive, ms: number): Promise<void> {
  const slept = context.clock.sleep(Math.min(ms, longestPauseMs), context.signal);
  await (work.isAtWork ? Promise.race([slept, work.idle()]) : slept);
}

function outcomeOf({ status }: ReindexRequest): Driven {
  const outcome = findCondition(status.conditions, 'Succeeded');
  if (outcome === undefined || outcome.status === 'True') return { is: 'succeeded' };
  return { is: 'failed', reason: outcome.reason, message: outcome.message };
}

function mayMend(error: unknown): boolean {
  return error instanceof ConflictError || (error instanceof RetryableError && error.reason !== 'Queued');
}

const silent = { info: (): void => undefined, debug: (): void => undefined };

/** What is written behind a lock is fenced by leases of its own; it is given back so that the next run need not wait. */
async function giveLockBack({ context, target: { alias } }: Drive): Promise<void> {
  const lease = (await context.settings.lockRecord(alias))?.source.lease;
  const holder = holderOf(context);
  if (lease?.held !== true || lease.holder?.uid !== holder.uid) return;
  await context.settings.release({ of: 'alias', alias }, holder, lease.token);
}
