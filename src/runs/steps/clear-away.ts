import { deletionOf } from '../../alias/effects/delete-version.ts';
import { takeBackZone } from '../../alias/effects/keep-off-zone.ts';
import { versionSet } from '../../alias/version-set.ts';
import { membersOf } from '../../domain/version.ts';
import { act, done } from '../../plan/step.ts';
import { adoption } from '../adoption.ts';
import { candidateSet, ground, metaOf } from '../facts.ts';
import type { Observed } from '../observed.ts';
import { scratchLeft } from '../preflight/scratch.ts';
import type { RunStep } from '../step.ts';
import { targetTrouble } from '../target.ts';
import { keptOffIndices } from '../zones.ts';

/** Goes on with what an earlier run of the same target has built, or removes what one left: it would be counted as taken. */
export const clearAway: RunStep = {
  name: 'clear-away',
  phase: 'Preflight',
  look: o => {
    const { target, engine } = ground(o);
    if (candidateSet(o) || targetTrouble(target, engine)) return done;
    const kept = keptOffIndices(o, ({ by }) => by !== o.request.metadata.uid);
    if (kept.length > 0)
      return act('take back what an earlier run left', ...kept.map(({ index }) => takeBackZone({ index: index.name })));
    const adopted = adoption(o);
    if (adopted) return act('go on with what an earlier run built', adopted);
    // They are no hindrance to a run; a later one finds them still.
    if (engine.doubt) return done;
    const leftovers = [...abandonedCandidates(o), ...scratchLeft(o, 'any')];
    return leftovers.length > 0 ? act('remove what an earlier run left', ...leftovers) : done;
  },
};

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
