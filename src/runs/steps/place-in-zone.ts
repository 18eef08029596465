import { deletionOf } from '../../alias/effects/delete-version.ts';
import { keepOffZone, takeBackZone } from '../../alias/effects/keep-off-zone.ts';
import type { ReindexRequestStatus } from '../../api/reindex-request.ts';
import { isoSeconds } from '../../domain/progress.ts';
import { versionName } from '../../domain/version.ts';
import { isKeptOff, type Zones } from '../../domain/zones.ts';
import type { ShardCopy } from '../../engine/port.ts';
import { answerTo } from '../../plan/question.ts';
import { act, ask, done, fail, wait } from '../../plan/step.ts';
import { candidateSet, ground } from '../facts.ts';
import type { Observed } from '../observed.ts';
import { engineQuestion, type RunStep, type RunUndoing, type RunVerdict } from '../step.ts';
import { endpointsAt } from '../zone-endpoints.ts';
import {
  shardsOfCandidate,
  clusterNodes,
  isInBuildZone,
  keptOffIndices,
  liveSet,
  lostShards,
  namesOf,
  nodesIn,
  stepMs,
  zonesOfCandidate,
} from '../zones.ts';
import { endJobs } from './index-job.ts';

type BuildZone = NonNullable<ReindexRequestStatus['buildZone']>;

const lookMs = 2000;
const doubtMs = 5000;
/** A node that is started again brings its shards back, whole; what has been away for so long will not come. */
const lostMs = 60_000;
/** A zone whose nodes die under each build will not take the next one either. */
const mostLost = 3;
/** Shards that no node has taken by then want a human. */
const stallsMs = 5 * 60_000;
const mostNamed = 16;

/** What else lies in the zone: shards of what serves, and indices with shards on these nodes. */
export const neighbours = engineQuestion('what lies in the build zone', async (o, { engine }) => {
  const zones = zonesOfCandidate(o);
  const nodes = zones ? nodesIn([zones.build], zones.attribute, answerTo(o, clusterNodes) ?? []) : [];
  const [live, indices] = await Promise.all([
    engine.indices.shards(namesOf(liveSet(o))),
    engine.cluster.indicesOn(nodes.map(({ id }) => id)),
  ]);
  return { live, indices };
});

/**
 * Keeps what serves off the build zone, and proves shard by shard that the candidate lies there, before anything is written
 * into it. Once that is told it watches the shards until they leave: a version without replicas is lost with its node.
 */
export const placeInZone: RunStep = {
  name: 'place-in-zone',
  phase: 'Preparing',
  look: o => {
    const zones = zonesOfCandidate(o);
    if (!zones || o.request.status.spread !== undefined) return done;
    const isHeld = isInBuildZone(o, zones);
    const near = isHeld ? namesToKeepOff(o, zones) : [];
    if (near.length > 0) {
      const asked = { by: o.request.metadata.uid, attribute: zones.attribute, zone: zones.build };
      return act('keep what serves off the build zone', ...near.map(index => keepOffZone({ index, ...asked })));
    }
    const shards = answerTo(o, shardsOfCandidate);
    if (!shards) return ask(shardsOfCandidate);
    if (toldOf(o)) return loss(o, shards) ?? done;
    // Whoever took its filter away has it built elsewhere.
    if (!isHeld) return done;
    if (!answerTo(o, clusterNodes)) return ask(clusterNodes);
    if (!answerTo(o, neighbours)) return ask(neighbours);
    return onTheWay(o, zones, shards) ?? proven(o, zones);
  },
  undo: o => takenBack(o) ?? done,
  tell: { field: 'buildZone', of: o => told(o) ?? o.request.status.buildZone },
};

/** Gives back what this run kept off the build zone; undefined = nothing is any more. */
export function takenBack(o: Observed): RunUndoing | undefined {
  const kept = keptOffIndices(o, ({ by }) => by === o.request.metadata.uid);
  if (kept.length === 0) return undefined;
  return act('take the filter back', ...kept.map(({ index }) => takeBackZone({ index: index.name })));
}

function namesToKeepOff(o: Observed, zones: Zones): readonly string[] {
  return namesOf({ indices: liveSet(o)?.indices.filter(({ settings }) => !isKeptOff(settings, zones)) ?? [] });
}

/** What was told of the candidate that is there now. */
function toldOf(o: Observed): BuildZone | undefined {
  const { buildZone } = o.request.status;
  return buildZone?.version === candidateSet(o)?.number ? buildZone : undefined;
}

/** What is not where it should be yet. What serves is waited for as long as it moves: it may have nowhere to go. */
function onTheWay(o: Observed, zones: Zones, shards: readonly ShardCopy[]): RunVerdict | undefined {
  const nodes = zoneNodes(o, zones);
  const ids = new Set(nodes.map(({ id }) => id));
  const name = nameOfCandidate(o);
  const astray = shards.filter(({ state, node }) => state !== 'STARTED' || node === undefined || !ids.has(node));
  if (shards.length === 0 || astray.length > 0) {
    const message = `${astray.length} of ${shards.length} shards of ${name} are not on a node of ${zoneText(zones)} yet: ${shown(astray.map(copy => `${copy.shard} ${copy.state}`))}`;
    const reason = nodes.length === 0 ? 'NoBuildZone' : 'Running';
    return { ...wait(reason, message, lookMs), stalls: stepMs(o, placeInZone.name) > stallsMs };
  }
  const leaving = (answerTo(o, neighbours)?.live ?? []).filter(
    ({ state, node }) => state === 'RELOCATING' && node !== undefined && ids.has(node),
  );
  if (leaving.length === 0) return undefined;
  return wait('Running', `${leaving.length} shards of what serves are leaving ${zoneText(zones)}`, lookMs);
}

/** Said once, and told: from the next look on it is done. */
function proven(o: Observed, zones: Zones): RunVerdict {
  const shared = sharedWith(o);
  const where = `every shard of ${nameOfCandidate(o)} lies in ${zoneText(zones)}`;
  if (shared.length === 0) return wait('Running', where, 1000);
  return wait('BuildZoneShared', `${where}, and so do shards of ${shown(shared)}`, 1000);
}

/** Shards of which no copy answers: they are waited for, then the version is given up, its Jobs first. */
function loss(o: Observed, shards: readonly ShardCopy[]): RunVerdict | undefined {
  const lost = lostShards(shards);
  if (lost.length === 0) return undefined;
  const { lostSince, lost: before = 0, nodes } = toldOf(o) ?? { nodes: [] };
  const since = lostSince === undefined ? o.now : new Date(lostSince);
  const until = new Date(since.getTime() + lostMs);
  const what = `no node has shard ${shown(lost)} any more; ${shown(nodes)} held it`;
  if (o.now < until)
    return wait('BuildZoneLost', `${what}: waited for until ${isoSeconds(until)}, then it is built again`, lookMs);
  if (before + 1 >= mostLost) return fail('BuildZoneLost', `${what}; it was built ${mostLost} times`);
  if (o.jobs.length > 0) return endJobs(o) ?? wait('BuildZoneLost', `${what}: its Jobs are ended first`, lookMs);
  const { alias, target, engine } = ground(o);
  if (engine.doubt) return wait(engine.doubt.reason, engine.doubt.message, doubtMs);
  const set = candidateSet(o);
  return set && act('give up what is lost', deletionOf(set, alias, target.uid));
}

/** Of this candidate: proven now, or what was told with what became of its shards since. */
function told(o: Observed): BuildZone | undefined {
  const [zones, shards, before] = [zonesOfCandidate(o), answerTo(o, shardsOfCandidate), toldOf(o)];
  if (!zones || !shards) return undefined;
  if (before) {
    const { lostSince = isoSeconds(o.now), ...kept } = before;
    return lostShards(shards).length === 0 ? kept : { ...kept, lostSince };
  }
  if (!isInBuildZone(o, zones) || !answerTo(o, neighbours) || onTheWay(o, zones, shards)) return undefined;
  return placement(o, zones, shards);
}

function placement(o: Observed, zones: Zones, shards: readonly ShardCopy[]): BuildZone {
  const earlier = o.request.status.buildZone;
  const nodes = zoneNodes(o, zones);
  const holding = nodes.filter(({ id }) => shards.some(({ node }) => node === id));
  const endpoints = endpointsAt(nodes, o.place?.engine.endpoints ?? []);
  const shared = sharedWith(o);
  return {
    version: candidateSet(o)?.number ?? 0,
    zone: zones.build,
    nodes: holding.map(({ name }) => name).slice(0, 64),
    ...(endpoints.length > 0 && { endpoints: [...endpoints] }),
    ...(shared.length > 0 && { sharedWith: shared.slice(0, mostNamed) }),
    // It is another version than the one that was told of before, which is lost.
    ...(earlier && { lost: (earlier.lost ?? 0) + 1 }),
  };
}

/** Not what the engine keeps for itself, nor the settings index: they are small, and people do not choose where they lie. */
function sharedWith(o: Observed): readonly string[] {
  const own = new Set([...namesOf(candidateSet(o)), o.engine?.settingsIndex]);
  return (answerTo(o, neighbours)?.indices ?? []).filter(name => !name.startsWith('.') && !own.has(name));
}

function zoneNodes(o: Observed, { attribute, build }: Zones) {
  return nodesIn([build], attribute, answerTo(o, clusterNodes) ?? []);
}

function nameOfCandidate(o: Observed): string {
  return versionName(ground(o).alias, candidateSet(o)?.number ?? 0);
}

function zoneText({ attribute, build }: Zones): string {
  return `${attribute}=${build}`;
}

function shown(names: readonly string[]): string {
  const rest = names.length - mostNamed;
  return `${names.slice(0, mostNamed).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
