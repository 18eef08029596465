import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { crdOf, kinds } from '../../src/api/crd.ts';
import { apiVersion } from '../../src/api/meta.ts';
import { loadKubeConfig } from '../../src/kube/kubeconfig.ts';
import { collectionPath } from '../../src/kube/paths.ts';
import { searchClusterResource } from '../../src/api/search-cluster.ts';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { Transport } from '../../src/kube/transport.ts';
import { startControlPlane, type AuditEvent, type ControlPlane } from '../support/real/control-plane.ts';
import { eventually } from '../support/checks/eventually.ts';
import { observeLease, type Holding, type LeaseObserver } from '../support/real/lease-observer.ts';
import { startReplica, type Replica } from '../support/real/replica.ts';

/**
 * Two processes of the operator on a real API server, and a third party that watches the Lease: nobody asks a replica
 * whether it leads. Every process has a user of its own, so that the audit log says who wrote what.
 */

jest.setTimeout(300_000);

const namespace = 'default';
/** What the README promises, in ms. */
const handoverMs = 3_000;
const takeOverMs = 20_000;

let plane: ControlPlane;
let transport: Transport;
let observer: LeaseObserver;
const running = new Set<Replica>();
const measured: { readonly what: string; readonly tookMs: number; readonly limitMs: number }[] = [];
let started = 0;

beforeAll(async () => {
  plane = await startControlPlane();
  transport = new Transport(await loadKubeConfig(plane.kubeconfig));
  for (const crd of kinds.map(crdOf))
    await send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd);
  for (const { resource } of kinds) {
    const path = collectionPath(resource, namespace);
    await eventually(
      `${resource.plural} served`,
      60_000,
      async () => (await transport.call({ method: 'GET', path })).status === 200,
    );
  }
  observer = await observeLease(plane.kubeconfig, { namespace, name: 'reindeer' });
}, 600_000);

afterEach(async () => {
  for (const replica of running) {
    replica.signal('SIGCONT');
    await end(replica, 'SIGTERM');
  }
});

afterAll(async () => {
  await observer.stop();
  await transport.close();
  await plane.stop();
  console.log(
    [
      'seen on the Lease by a third party:',
      ...measured.map(
        ({ what, tookMs, limitMs }) => `  ${what.padEnd(24)} ${String(tookMs).padStart(6)} ms (at most ${limitMs} ms)`,
      ),
    ].join('\n'),
  );
});

async function send(method: 'POST' | 'GET', path: string, body?: object): Promise<void> {
  const { status, body: answer } = await transport.call({ method, path, ...(body && { body }) });
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
}

async function aReplica(): Promise<Replica> {
  started += 1;
  const podName = `operator-${started}`;
  const replica = await startReplica({ podName, kubeconfig: await plane.kubeconfigOf(podName), namespace });
  running.add(replica);
  return replica;
}

async function end(replica: Replica, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  replica.signal(signal);
  await replica.ended(20_000);
  running.delete(replica);
}

/** The one that holds the lease, and the one that waits. */
async function leaderAndStandby(): Promise<{
  readonly leader: Replica;
  readonly standby: Replica;
  readonly holding: Holding;
}> {
  while (running.size < 2) await aReplica();
  const both = [...running];
  const holding = await eventually(
    'one of both leads',
    40_000,
    async () => {
      const holder = await observer.holder(30_000);
      return both.some(({ podName }) => podName === holder.podName) && holder;
    },
    observer.history,
  );
  const leader = both.find(({ podName }) => podName === holding.podName)!;
  const standby = both.find(({ podName }) => podName !== holding.podName)!;
  await eventually('the standby is ready', 30_000, async () => (await ask(standby, '/readyz')).status === 200);
  return { leader, standby, holding };
}

async function ask(replica: Replica, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`http://127.0.0.1:${await replica.healthPort()}${path}`);
  return { status: response.status, text: await response.text() };
}

/** IndexedRepos without a SearchCluster: each costs the leader a status that says so, and nobody an engine. */
async function createRepos(names: readonly string[]): Promise<void> {
  const path = collectionPath(indexedRepoResource, namespace);
  for (const name of names) {
    const source = { url: `https://git.example.org/${name}.git` };
    const spec = { clusterRef: { name: 'none' }, alias: name, source, paused: true };
    await send('POST', path, { apiVersion, kind: 'IndexedRepo', metadata: { name, namespace }, spec });
  }
}

const isWrite = ({ verb }: AuditEvent): boolean => ['create', 'update', 'patch', 'delete'].includes(verb);
const isLease = ({ objectRef }: AuditEvent): boolean => objectRef?.resource === 'leases';
const isTaken = ({ responseStatus }: AuditEvent): boolean => (responseStatus?.code ?? 0) < 300;

function writesOf(podName: string): readonly AuditEvent[] {
  return plane.auditEvents().filter(event => event.user?.username === podName && isWrite(event));
}

/** Waits until this replica has written a status for each of them. */
async function untilWritten(replica: Replica, names: readonly string[]): Promise<void> {
  const missing = (): readonly string[] => {
    const written = new Set(
      writesOf(replica.podName)
        .filter(isTaken)
        .map(({ objectRef }) => objectRef?.name),
    );
    return names.filter(name => !written.has(name));
  };
  await eventually(`${replica.podName} wrote every status`, 30_000, () => missing().length === 0, missing);
}

const names = (stem: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${stem}-${String(i).padStart(2, '0')}`);

describe('two replicas', () => {
  it('hand the lease over within 3 s of a SIGTERM, five times in a row, and the old one ends well', async () => {
    for (let round = 1; round <= 5; round += 1) {
      const { leader, standby, holding } = await leaderAndStandby();
      const sinceMs = performance.now();
      leader.signal('SIGTERM');
      const { podName, tookMs } = await observer.successor(holding, sinceMs, 30_000);
      measured.push({ what: `SIGTERM, round ${round}`, tookMs, limitMs: handoverMs });
      expect(podName).toBe(standby.podName);
      expect(await leader.ended(10_000)).toBe(0);
      running.delete(leader);
      expect(tookMs).toBeLessThan(handoverMs);
    }
  });

  it('take over within 20 s of a SIGKILL, three times in a row, and the new leader acts', async () => {
    for (let round = 1; round <= 3; round += 1) {
      const { leader, standby, holding } = await leaderAndStandby();
      const sinceMs = performance.now();
      await end(leader, 'SIGKILL');
      const { podName, tookMs } = await observer.successor(holding, sinceMs, 60_000);
      measured.push({ what: `SIGKILL, round ${round}`, tookMs, limitMs: takeOverMs });
      expect(podName).toBe(standby.podName);
      // Never before the lease of the dead one was over: it might only have been cut off.
      expect(tookMs).toBeGreaterThan(9_000);
      expect(tookMs).toBeLessThan(takeOverMs);
      const created = names(`after-kill-${round}`, 3);
      await createRepos(created);
      await untilWritten(standby, created);
    }
  });

  it('let a leader that slept longer than its lease write nothing when it wakes', async () => {
    const { leader, standby, holding } = await leaderAndStandby();
    const before = names('before', 5);
    await createRepos(before);
    await untilWritten(leader, before);

    const sinceMs = performance.now();
    leader.signal('SIGSTOP');
    // What the sleeper finds in its sockets when it wakes.
    await createRepos(names('asleep', 10));
    const { tookMs } = await observer.successor(holding, sinceMs, 60_000);
    measured.push({ what: 'SIGSTOP', tookMs, limitMs: takeOverMs });
    await untilWritten(standby, names('asleep', 10));
    leader.signal('SIGCONT');
    await createRepos(names('awake', 10));
    expect(await leader.ended(20_000)).toBe(1);
    running.delete(leader);
    await untilWritten(standby, names('awake', 10));

    const taken = writesOf(standby.podName).find(event => isLease(event) && isTaken(event))?.stageTimestamp ?? '';
    const late = writesOf(leader.podName).filter(event => event.requestReceivedTimestamp > taken);
    expect(taken).not.toBe('');
    expect(writesOf(leader.podName).filter(event => !isLease(event) && isTaken(event)).length).toBeGreaterThanOrEqual(
      5,
    );
    // Not even an attempt; that it asks for its lease once more, in vain, is how it may notice.
    expect(late.filter(event => !isLease(event))).toEqual([]);
    expect(late.filter(isTaken)).toEqual([]);
    expect(tookMs).toBeLessThan(takeOverMs);
  });

  it('stay live and ready while a search engine is away: no restart would bring it back', async () => {
    const { leader, standby } = await leaderAndStandby();
    const away = { endpoints: ['http://127.0.0.1:9'] };
    const metadata = { name: 'away', namespace };
    const object = { apiVersion, kind: 'SearchCluster', metadata, spec: away };
    await send('POST', collectionPath(searchClusterResource, namespace), object);
    await untilWritten(leader, ['away']);
    for (const replica of [leader, standby])
      for (const path of ['/healthz', '/readyz'])
        expect(await ask(replica, path)).toEqual({ status: 200, text: 'ok\n' });
  });

  it('say on /metrics who leads, and the one that waits reports no IndexedRepo', async () => {
    const { leader, standby } = await leaderAndStandby();
    await createRepos(['ledger']);
    await untilWritten(leader, ['ledger']);
    const [ofLeader, ofStandby] = [await ask(leader, '/metrics'), await ask(standby, '/metrics')];
    expect(ofLeader.text).toContain('leader_election_master_status{name="reindeer"} 1');
    expect(ofStandby.text).toContain('leader_election_master_status{name="reindeer"} 0');
    expect(ofLeader.text).toContain('reindeer_repository_ready{namespace="default",name="ledger"} 0');
    expect(ofStandby.text).not.toContain('ledger');
    expect(ofLeader.text).toMatch(/rest_client_requests_total\{code="200",method="PATCH"\} [1-9]/);
    expect(ofLeader.text).toMatch(/process_resident_memory_bytes \d+/);
  });
});
