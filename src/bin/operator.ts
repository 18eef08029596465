import { clusterNamespace } from '../api/rbac.ts';
import type { Connect } from '../cluster/connections.ts';
import type { OwnProcess } from '../cluster/operator-standing.ts';
import { connect } from '../engine/connect.ts';
import { fencesOn } from '../fences/fences.ts';
import { allowedAddresses } from '../git/host-rule.ts';
import { resolveRef } from '../git/remote.ts';
import { createKube, type KubeClient } from '../kube/client.ts';
import { namespaceUid } from '../kube/cluster-id.ts';
import { EventRecorder } from '../kube/events.ts';
import { serviceAccountAsOwner } from '../kube/in-cluster.ts';
import { loadKubeConfig } from '../kube/kubeconfig.ts';
import { LeaderElection } from '../kube/leader.ts';
import { olderLeaseName } from '../kube/older-lease.ts';
import type { TransportOptions } from '../kube/transport.ts';
import { watchResource } from '../kube/watch.ts';
import { assembleOperator, type Operator } from '../operator/assemble.ts';
import { readConfig, type OperatorConfig } from '../operator/config.ts';
import { Metrics } from '../operator/metrics.ts';
import { readiness } from '../operator/readiness.ts';
import { settingsOn } from '../registry/settings.ts';
import { repoTarget } from '../runs/target.ts';
import { systemClock as clock } from '../runtime/clock.ts';
import { allOf, eventLoopIsFree, startHealthServer, watchesAreAlive } from '../runtime/health.ts';
import { createLogger, type Logger } from '../runtime/log.ts';
import { createRedactor, type Redactor } from '../runtime/redact.ts';
import { installShutdown } from '../runtime/shutdown.ts';

/** The operator: real clients, leader election, probes, and an orderly end. */

/** A renewal must fail in time to be tried again before the lease is over. */
const leaseTimeoutMs = 3_000;

/** A leader that slept past its Lease says nothing to an engine when it wakes: the one that follows is at work there. */
const connectEngine =
  (isLeading: () => boolean): Connect =>
  ({ settingsIndex, ...where }) => {
    const engine = connect({ ...where, mayAsk: isLeading, clock });
    return { engine, settings: settingsOn(engine, settingsIndex), ...fencesOn(engine, clock) };
  };

type Surroundings = {
  readonly config: OperatorConfig;
  readonly own: OwnProcess;
  readonly isLeading: () => boolean;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly redactor: Redactor;
};

function openOperator(kube: KubeClient, { config, log, metrics, redactor, own, isLeading }: Surroundings): Operator {
  const events = new EventRecorder({
    kube,
    clock,
    log,
    instance: config.podName,
    redact: text => redactor.redact(text),
  });
  return assembleOperator(
    {
      kube,
      events,
      clock,
      log,
      metrics,
      connect: connectEngine(isLeading),
      resolveRef,
      targetOf: repoTarget,
      allowedAddresses: async host => allowedAddresses(host, config.allowedGitHosts),
      watch: options => watchResource({ ...options, transport: kube.transport, log, clock }),
      learnSecret: value => redactor.hide(value),
      own,
      isLeading,
    },
    {
      namespaces: config.namespaces.length > 0 ? config.namespaces : [''],
      image: config.workerImage,
      allowedGitHosts: config.allowedGitHosts,
      light: config.jobPods.light,
      heavy: config.jobPods.heavy,
      workers: config.workerPods,
      aliasLookMs: config.aliasLookSeconds * 1000,
    },
  );
}

/** Whom it follows is known once it leads, and asked for then. */
async function ownProcess(kube: KubeClient, config: OperatorConfig, election: LeaderElection): Promise<OwnProcess> {
  const { namespaces, ownNamespace, leaderElection, lease } = config;
  const operator = await namespaceUid(kube, namespaces.length > 0 ? ownNamespace : clusterNamespace);
  return {
    id: { operator, election: `${lease.namespace}/${lease.name}` },
    process: election.identity,
    get former() {
      if (!leaderElection) return 'any' as const;
      const { formerHolder, formerIdentity } = election;
      return formerHolder === 'none' ? undefined : { process: formerIdentity, released: formerHolder === 'released' };
    },
  };
}

async function closeAll(clients: readonly KubeClient[]): Promise<void> {
  await Promise.all(clients.map(async client => client.close()));
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const redactor = createRedactor();
  const log = createLogger({ level: config.logLevel, redactor });
  const access = await loadKubeConfig();
  const metrics = new Metrics();
  metrics.addProcessMetrics();
  const onAnswer: TransportOptions['onAnswer'] = (method, status) => metrics.asked(method, status);
  const leaseKube = createKube(access, { timeoutMs: leaseTimeoutMs, sockets: 1, onAnswer });
  const election = new LeaderElection({
    kube: leaseKube,
    lease: config.lease,
    olderLease: { namespace: config.ownNamespace, name: olderLeaseName },
    installation: { namespace: config.ownNamespace, name: config.installation },
    owner: await serviceAccountAsOwner(),
    podName: config.podName,
    clock,
    log,
    // Another replica writes now: nothing may be finished in good order any more.
    onLost: why => {
      log.fatal({ why }, 'lease lost, the process ends');
      process.exit(1);
    },
  });
  const mayWrite = (): boolean => !config.leaderElection || election.leading;
  const kube = createKube(access, { mayWrite, onAnswer });
  const own = await ownProcess(kube, config, election);
  const operator = openOperator(kube, { config, log, metrics, redactor, own, isLeading: mayWrite });
  const health = await startHealthServer({
    port: config.healthPort,
    live: allOf(
      watchesAreAlive(
        () => operator.watches,
        () => clock.now(),
      ),
      eventLoopIsFree(),
    ),
    ready: readiness(operator, election),
    metrics: {
      contentType: metrics.contentType,
      text: async () => metrics.text({ lease: { name: config.lease.name, held: mayWrite() }, ...operator.figures() }),
    },
  });
  const shutdown = installShutdown({
    log,
    clock,
    steps: [
      { name: 'operator', run: async () => operator.stop(), atMostMs: 2000 },
      { name: 'lease', run: async () => (config.leaderElection ? election.release() : undefined), atMostMs: 1500 },
      { name: 'health', run: async () => health.close(), atMostMs: 500 },
      { name: 'clients', run: async () => closeAll([kube, leaseKube]), atMostMs: 500 },
    ],
  });
  operator.watch();
  log.info(
    { namespaces: config.namespaces, leaderElection: config.leaderElection, health: health.port },
    'operator started',
  );
  if (config.leaderElection) {
    election.start();
    await election.elected;
  }
  await operator.run();
  await shutdown('the queues ended', 0);
}

await main();
