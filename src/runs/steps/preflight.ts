import { deletionOf } from '../../alias/effects/delete-version.ts';
import { aliasTrouble } from '../../alias/ownership.ts';
import { versionSet } from '../../alias/version-set.ts';
import { TerminalError } from '../../domain/errors.ts';
import { indexBody } from '../../domain/shape.ts';
import { membersOf } from '../../domain/version.ts';
import { answerTo } from '../../plan/question.ts';
import { act, ask, done, fail, wait } from '../../plan/step.ts';
import { adoption } from '../adoption.ts';
import { candidateSet, ground, metaOf } from '../facts.ts';
import { newestCommit } from '../newest-commit.ts';
import type { Observed } from '../observed.ts';
import type { RunStep } from '../step.ts';

/** Refuses what cannot work before anything is made, and removes what an earlier run of ours left half-built. */
export const preflight: RunStep = {
  name: 'preflight',
  phase: 'Preflight',
  look: o => {
    const { target, engine } = ground(o);
    const trouble = aliasTrouble(target, engine);
    if (trouble) return fail(trouble.reason, trouble.message);
    if (candidateSet(o)) return done;
    const refusal = shapeRefusal(o);
    if (refusal) return fail(refusal.reason, refusal.message);
    const head = answerTo(o, newestCommit);
    if (!head) return ask(newestCommit);
    if (head.is === 'problem')
      return head.lasting ? fail(head.reason, head.message) : wait(head.reason, head.message, 15_000);
    const adopted = adoption(o);
    if (adopted) return act('go on with what an earlier run built', adopted);
    // They are no hindrance to a run; a later one finds them still.
    const leftovers = engine.doubt ? [] : abandonedCandidates(o);
    return leftovers.length > 0 ? act('remove what an earlier run left', ...leftovers) : done;
  },
};

function shapeRefusal(o: Observed): TerminalError | undefined {
  const { shape } = ground(o).target;
  try {
    indexBody({ shape, shards: 1, meta: {} });
    return undefined;
  } catch (error) {
    if (error instanceof TerminalError) return error;
    throw error;
  }
}

/** Indices and records of ours that no version set names: neither live nor retired, made by another request. */
function abandonedCandidates(o: Observed) {
  const { target, record, engine, alias } = ground(o);
  const ownerUid = target.uid;
  const kept = new Set([record.live, ...record.retired]);
  const serving = new Set(engine.members.map(member => member.index));
  const made = engine.indices.flatMap(index => {
    const meta = metaOf(index);
    const ours = meta.ownerUid === ownerUid && meta.alias === alias && !serving.has(index.name);
    return ours && meta.version !== undefined ? [meta.version] : [];
  });
  const present = new Set(engine.indices.map(index => index.name));
  const noted = engine.versions.filter(
    version => version.ownerUid === ownerUid && membersOf(version).every(({ index }) => !present.has(index)),
  );
  const numbers = new Set([...made, ...noted.map(version => version.number)]);
  return [...numbers]
    .filter(number => !kept.has(number))
    .map(number => deletionOf(versionSet(engine, alias, number), alias, ownerUid));
}
