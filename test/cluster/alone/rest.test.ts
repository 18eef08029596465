import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aCluster, commitOf, untilCondition, untilLive, type Cluster } from '../../support/real/a-cluster.ts';
import { auditedSince, type AuditEvent } from '../../support/real/audit-log.ts';
import { countersOf } from '../../support/real/engine-counters.ts';
import { GitRemote } from '../../support/real/git-remote.ts';
import { anIndexedRepo, operatorNamespace } from '../../support/real/installed.ts';

const minutes = 60_000;
const restSeconds = 120;
/** Of this test alone: other repositories of the bed, a demonstration's say, go on being looked after. */
const settingsIndex = 'rest-settings';
/** All that the operator could write to for the objects of this test. */
const touched = `rest-a*,rest-b*,${settingsIndex}`;

describe('at rest', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await aCluster('rest', { settingsIndex });
    for (const name of ['rest-a', 'rest-b']) {
      await GitRemote.at(cluster.bed, cluster.history, name, commitOf(cluster, 'v0.19.0'));
      await cluster.kubectl.apply(
        anIndexedRepo(cluster.bed, name, { deletionPolicy: 'Delete', light: { schedule: '@every 24h' } }),
      );
    }
    for (const name of ['rest-a', 'rest-b']) {
      await untilLive(cluster, name, commitOf(cluster, 'v0.19.0'), 5 * minutes);
      await untilCondition(cluster, 'irepo', name, { type: 'Reconciling', status: 'False' });
    }
  }, 10 * minutes);
  afterAll(async () => cluster.remove(), 3 * minutes);

  it(
    `writes nothing for ${restSeconds} s but its Lease: by the API server's audit log and the engine's counters`,
    async () => {
      await sleep(5000); // the events of what just ended are written after it
      const begun = new Date();
      const counters = await countersOf(cluster.bed, touched);
      await sleep(restSeconds * 1000);
      const after = await countersOf(cluster.bed, touched);
      const seen = askedSince(begun);
      const count = (events: readonly AuditEvent[]): Record<string, number> =>
        events.reduce<Record<string, number>>((sums, { verb, objectRef }) => {
          const what = `${verb} ${objectRef?.resource ?? ''}`;
          return { ...sums, [what]: (sums[what] ?? 0) + 1 };
        }, {});
      console.log(
        `in ${restSeconds} s of rest the operator asked for ${JSON.stringify(count(seen))}; the engine counted ${JSON.stringify(after)}`,
      );
      expect(count(seen.filter(event => event.verb !== 'watch' && event.objectRef?.resource !== 'leases'))).toEqual({});
      expect(seen.some(event => event.objectRef?.resource === 'leases')).toBe(true);
      expect(Object.keys(after.metadata).toSorted()).toEqual(['rest-a-v1', 'rest-b-v1', settingsIndex]);
      expect(after).toEqual(counters);
    },
    4 * minutes,
  );

  /** What the operator's service account asked for since: for this test's namespace, for its own, and cluster-wide. */
  function askedSince(begun: Date): readonly AuditEvent[] {
    return auditedSince(cluster.bed, begun).filter(
      event =>
        event.user.username.startsWith(`system:serviceaccount:${operatorNamespace}:`) &&
        [cluster.kubectl.namespace, operatorNamespace, undefined].includes(event.objectRef?.namespace),
    );
  }
});
