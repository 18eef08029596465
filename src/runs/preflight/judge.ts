import type { ReindexRequestStatus } from '../../api/reindex-request.ts';
import type { Problem } from '../../domain/problem.ts';
import { indexBody } from '../../domain/shape.ts';
import type { EngineSide, Observed } from '../observed.ts';
import type { RepoTarget } from '../target.ts';
import type { Check, Finding } from './check.ts';
import type { ClusterFacts } from './cluster-facts.ts';
import { freeBytesOf, sizeOf } from './disk.ts';
import { durationFinding, estimatedSeconds } from './duration.ts';
import { plannedVersion } from './plan.ts';
import { privilegesCheck } from './privileges.ts';
import { clocksFinding, engineFinding } from './said.ts';
import { shardsCheck } from './shards.ts';
import { autoCreateCheck, templatesCheck } from './templates.ts';
import { roomChecks, type ZoneWanted } from './zone.ts';

export type Preflight = NonNullable<ReindexRequestStatus['preflight']>;

/** What a preflight found, every check of it. */
export type Judged = Omit<Preflight, 'verdict' | 'checks'> & { readonly checks: readonly Finding[] };

export type Judging = Pick<Observed, 'now' | 'lastBuild'> & {
  /** Undefined: the version may be built anywhere. */
  readonly zoneWanted: ZoneWanted | undefined;
  readonly target: RepoTarget;
  readonly engine: EngineSide;
  readonly facts: ClusterFacts;
};

/** Judges what a cluster has for the new version of a target, whose shape has to be one that an index can be made of. Pure. */
export function judge({ target, engine, facts, now, lastBuild, zoneWanted }: Judging): Judged {
  const { capacity, liveSize } = facts;
  const planned = plannedVersion(target, engine, liveSize?.bytes);
  const size = sizeOf(planned, capacity, liveSize);
  const seconds = estimatedSeconds(planned, lastBuild);
  const declared = Object.keys(indexBody({ shape: target.shape, shards: planned.shards, meta: {} }).settings);
  return {
    ...(size && { needBytes: size.needBytes }),
    freeBytes: freeBytesOf(capacity),
    shards: planned.shards,
    ...(seconds !== undefined && { estimatedSeconds: seconds }),
    checks: [
      engineFinding(facts.engine),
      privilegesCheck(facts.lacking),
      ...roomChecks(zoneWanted, planned, facts),
      shardsCheck(planned, capacity),
      templatesCheck(planned, declared, facts.templates),
      autoCreateCheck(planned, capacity.autoCreate),
      clocksFinding(capacity, now),
      durationFinding(planned, lastBuild),
    ],
  };
}

/** Why the run must not begin: the first check that is not ok. */
export function refusalIn({ checks }: Judged): Problem | undefined {
  return checks.find(check => !check.ok);
}

/** As a status tells a check. */
export function told({ name, ok, message }: Finding): Check {
  return { name, ok, message };
}
