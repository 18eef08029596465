import { putSettings } from '../../alias/effects/put-settings.ts';
import { isoSeconds } from '../../domain/progress.ts';
import { servingSettings } from '../../domain/shape.ts';
import { versionName } from '../../domain/version.ts';
import { servingZoneSettings, type Zones } from '../../domain/zones.ts';
import type { ShardCopy } from '../../engine/port.ts';
import { answerTo } from '../../plan/question.ts';
import { act, ask, done, wait } from '../../plan/step.ts';
import { candidateSet, ground, repoGround } from '../facts.ts';
import type { Observed } from '../observed.ts';
import type { RunStep } from '../step.ts';
import { shardsOfCandidate, clusterNodes, nodesIn, stepMs, zonesOfCandidate } from '../zones.ts';
import { takenBack } from './place-in-zone.ts';

const lookMs = 2000;
/** Replicas that have a node to go to are given one within moments; for those that a full disk keeps out nothing waits. */
const assignedMs = 30_000;
const stallsMs = 30 * 60_000;

/**
 * Raises the replicas and moves the candidate from the build zone to the serving ones in one change, so that no copy is made
 * twice; waits until every copy that can be assigned lies there, then gives the build zone back.
 */
export const spread: RunStep = {
  name: 'spread',
  phase: 'Verifying',
  look: o => {
    const zones = zonesOfCandidate(o);
    if (!zones || o.request.status.spread !== undefined) return done;
    const wanted = settingsOf(o, zones);
    const different = (candidateSet(o)?.indices ?? []).filter(({ settings }) =>
      Object.entries(wanted).some(([key, value]) => (settings[key] ?? null) !== value),
    );
    if (different.length > 0)
      return act(
        'move to the serving zones',
        ...different.map(({ name }) => putSettings({ index: name, settings: wanted, refresh: false })),
      );
    const [shards, nodes] = [answerTo(o, shardsOfCandidate), answerTo(o, clusterNodes)];
    if (!shards) return ask(shardsOfCandidate);
    if (!nodes) return ask(clusterNodes);
    const astray = astrayIn(o, zones, shards);
    if (astray > 0) {
      const message = `${astray} of ${shards.length} shard copies of ${nameOfCandidate(o)} are not in ${zones.serving.join(' or ')} yet`;
      return { ...wait('Running', message, lookMs), stalls: stepMs(o, spread.name) > stallsMs };
    }
    return takenBack(o) ?? wait('Running', `every shard copy of ${nameOfCandidate(o)} has left ${zones.build}`, 1000);
  },
  tell: { field: 'spread', of: o => o.request.status.spread ?? (isFree(o) ? isoSeconds(o.now) : undefined) },
};

/** The candidate lies where it serves, and nothing is kept off the build zone for it any more. */
function isFree(o: Observed): boolean {
  const [zones, shards] = [zonesOfCandidate(o), answerTo(o, shardsOfCandidate)];
  if (!zones || !shards || !answerTo(o, clusterNodes)) return false;
  const wanted = Object.entries(settingsOf(o, zones));
  const isMoved = candidateSet(o)?.indices.every(({ settings }) =>
    wanted.every(([key, value]) => (settings[key] ?? null) === value),
  );
  return isMoved === true && astrayIn(o, zones, shards) === 0 && takenBack(o) === undefined;
}

function settingsOf(o: Observed, zones: Zones): Readonly<Record<string, string | null>> {
  const replicas = 'index.number_of_replicas';
  return { [replicas]: servingSettings(repoGround(o).target.shape)[replicas] ?? null, ...servingZoneSettings(zones) };
}

/** Copies that are not where they shall be, or not whole; without a node only as long as they may be given one. */
function astrayIn(o: Observed, { attribute, serving }: Zones, shards: readonly ShardCopy[]): number {
  const ids = new Set(nodesIn(serving, attribute, answerTo(o, clusterNodes) ?? []).map(({ id }) => id));
  const mayBeAssigned = stepMs(o, spread.name) < assignedMs && repoGround(o).target.shape.replicas < ids.size;
  return shards.filter(({ primary, state, node }) => {
    if (state === 'UNASSIGNED') return primary || mayBeAssigned;
    return state !== 'STARTED' || node === undefined || !ids.has(node);
  }).length;
}

function nameOfCandidate(o: Observed): string {
  return versionName(ground(o).alias, candidateSet(o)?.number ?? 0);
}
