import type { Condition } from '../api/meta.ts';
import type { SearchCluster, SearchClusterStatus } from '../api/search-cluster.ts';
import { setCondition, type ConditionUpdate } from '../domain/conditions.ts';
import type { Problem } from '../domain/problem.ts';
import type { EngineInfo, WriteBlock } from '../engine/port.ts';

/** What asking the engine came to. */
export type Probe =
  | {
      readonly is: 'answered';
      readonly info: EngineInfo;
      /** What refuses writes to the settings index; [] where another cluster answers than was agreed on. */
      readonly blocks: readonly WriteBlock[];
      /** Why nothing may be deleted there now. */
      readonly doubt?: Problem | undefined;
    }
  | { readonly is: 'problem'; readonly lasting: boolean; readonly problem: Problem };

/** Why this answer is not the cluster that was agreed on, or undefined. */
export function changedCluster(cluster: SearchCluster, info: EngineInfo): Problem | undefined {
  const expected = cluster.spec.clusterUUID ?? cluster.status.engine?.uuid;
  if (expected === undefined || expected === info.uuid) return undefined;
  const way =
    cluster.spec.clusterUUID === undefined
      ? `set spec.clusterUUID to ${info.uuid} if that is meant`
      : 'spec.clusterUUID names another';
  return {
    reason: 'ClusterChanged',
    message: `cluster ${info.uuid} answers, ${expected} is expected; nothing is written: ${way}`,
  };
}

/** What is known when a SearchCluster is looked at. */
export type ClusterLook = {
  readonly probe: Probe;
  /** IndexedRepos and unfinished requests that name it, with their kinds. */
  readonly users: readonly string[];
  readonly now: Date;
};

/** The whole status as it should read after this look. */
export function clusterStatus(cluster: SearchCluster, look: ClusterLook): SearchClusterStatus {
  const { probe, now } = look;
  const answered = probe.is === 'answered';
  const changed = answered ? changedCluster(cluster, probe.info) : undefined;
  const engine =
    answered && !changed
      ? { type: probe.info.type, version: probe.info.version, uuid: probe.info.uuid }
      : cluster.status.engine;
  const before = (cluster.status.conditions ?? []) as readonly Condition[]; // the schema of the status gives strings
  const conditions = updates(cluster, look, changed).reduce(
    (list, update) => setCondition(list, update, now, cluster.metadata.generation),
    before,
  );
  return { observedGeneration: cluster.metadata.generation, ...(engine && { engine }), conditions: [...conditions] };
}

function updates(
  cluster: SearchCluster,
  { probe, users }: ClusterLook,
  changed: Problem | undefined,
): readonly ConditionUpdate[] {
  const problem = changed ?? (probe.is === 'problem' ? probe.problem : refusal(probe.blocks));
  const isLasting = changed !== undefined || (probe.is === 'problem' && probe.lasting);
  const doubt = probe.is === 'answered' && probe.doubt?.reason === 'OperatorTwin' ? probe.doubt : undefined;
  const lasting = inUse(cluster, users) ?? (isLasting ? problem : undefined) ?? doubt;
  return [
    problem
      ? { type: 'Ready', status: 'False', ...problem }
      : { type: 'Ready', status: 'True', reason: 'Connected', message: engineText(probe) },
    lasting
      ? { type: 'Stalled', status: 'True', ...lasting }
      : { type: 'Stalled', status: 'False', reason: 'Idle', message: 'nothing waits for a human' },
    paused(cluster),
  ];
}

function paused({ spec }: SearchCluster): ConditionUpdate {
  const type = 'Paused';
  return spec.paused
    ? { type, status: 'True', reason: 'PausedBySpec', message: 'nothing new starts here; running Jobs were stopped' }
    : { type, status: 'False', reason: 'NotPaused', message: 'nothing is paused' };
}

/** It answers and takes no writes: what serves can be looked at, and nothing can be changed. */
function refusal(blocks: readonly WriteBlock[]): Problem | undefined {
  const [block] = blocks;
  if (!block) return undefined;
  const said = blocks.map(({ description }) => description).join(', ');
  return {
    reason: blocks.every(({ byDisk }) => byDisk) ? 'DiskFull' : 'WritesBlocked',
    message: `the engine answers and takes no writes: ${said}`,
  };
}

const mostNamed = 10;

/** A deletion cannot be taken back, so the way out is the only thing that is left to say. */
function inUse({ metadata }: SearchCluster, users: readonly string[]): Problem | undefined {
  if (metadata.deletionTimestamp === undefined || users.length === 0) return undefined;
  const named = users.toSorted().slice(0, mostNamed).join(', ');
  const more = users.length > mostNamed ? ` and ${users.length - mostNamed} more` : '';
  return {
    reason: 'InUse',
    message: `is being deleted and stays until nothing names it: ${named}${more} still do`,
  };
}

function engineText(probe: Probe): string {
  return probe.is === 'answered' ? `${probe.info.type} ${probe.info.version}` : '';
}
