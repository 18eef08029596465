import type { Condition } from '../api/meta.ts';
import type { SearchCluster, SearchClusterStatus } from '../api/search-cluster.ts';
import { setCondition, type ConditionUpdate } from '../domain/conditions.ts';
import type { EngineInfo } from '../engine/port.ts';
import type { Problem } from '../reindex-request/observed.ts';

/** What asking the engine came to. */
export type Probe =
  | { readonly is: 'answered'; readonly info: EngineInfo }
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

/** The whole status as it should read after this probe. */
export function clusterStatus(cluster: SearchCluster, probe: Probe, now: Date): SearchClusterStatus {
  const answered = probe.is === 'answered';
  const changed = answered ? changedCluster(cluster, probe.info) : undefined;
  const engine =
    answered && !changed
      ? { type: probe.info.type, version: probe.info.version, uuid: probe.info.uuid }
      : cluster.status.engine;
  const before = (cluster.status.conditions ?? []) as readonly Condition[]; // the schema of the status gives strings
  const conditions = updates(cluster, probe, changed).reduce(
    (list, update) => setCondition(list, update, now, cluster.metadata.generation),
    before,
  );
  return { observedGeneration: cluster.metadata.generation, ...(engine && { engine }), conditions: [...conditions] };
}

function updates(cluster: SearchCluster, probe: Probe, changed: Problem | undefined): readonly ConditionUpdate[] {
  const problem = changed ?? (probe.is === 'problem' ? probe.problem : undefined);
  const lasting = changed !== undefined || (probe.is === 'problem' && probe.lasting);
  return [
    problem
      ? { type: 'Ready', status: 'False', ...problem }
      : { type: 'Ready', status: 'True', reason: 'Connected', message: engineText(probe) },
    problem && lasting
      ? { type: 'Stalled', status: 'True', ...problem }
      : { type: 'Stalled', status: 'False', reason: 'Idle', message: 'nothing waits for a human' },
    cluster.spec.paused
      ? {
          type: 'Paused',
          status: 'True',
          reason: 'PausedBySpec',
          message: 'nothing new starts here; running Jobs were stopped',
        }
      : { type: 'Paused', status: 'False', reason: 'NotPaused', message: 'nothing is paused' },
  ];
}

function engineText(probe: Probe): string {
  return probe.is === 'answered' ? `${probe.info.type} ${probe.info.version}` : '';
}
