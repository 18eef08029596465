import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { startApiServer } from './apiserver.ts';
import type { ApiServer } from './apiserver.ts';
import type { Bed } from './bed.ts';
import { createAuthority } from './certificates.ts';
import { COMPONENT_NAMES, haveComponents } from './components.ts';
import { startControllerManager } from './controller-manager.ts';
import { distributionTitle } from './distributions.ts';
import { ECK_HOST } from './eck.ts';
import { startEngine, waitForEngine } from './engine.ts';
import { startEtcd } from './etcd.ts';
import { startGitServer } from './git-server.ts';
import type { GitAccess } from './git-server.ts';
import { waitForNode } from './kubelet.ts';
import { API_SERVICE_ADDRESS, HOST_ADDRESS, NODE_ADDRESS, NODE_NAME, createNetwork } from './network.ts';
import { NODE_STEPS, startNode } from './node.ts';
import type { BedOptions } from './provider.ts';
import { countedSteps } from './progress.ts';
import type { StepRunner } from './progress.ts';
import { secret } from './secret.ts';
import { loopbackSite, namespaceSite } from './site.ts';
import type { Site } from './site.ts';
import type { BedState } from './state.ts';
import { installMissing, packagesTitle } from './tools.ts';

const BASE_STEPS = 13;
// Its own network, the node's parts, and waiting for the node.
const LEVEL_1_STEPS = NODE_STEPS + 2;

/** Starts every part of a bed in an empty folder and describes it there; on failure the parts so far keep running. */
export async function startBed(home: string, options: BedOptions): Promise<BedState> {
  const { level } = options;
  const step = countedSteps(level === 0 ? BASE_STEPS : BASE_STEPS + LEVEL_1_STEPS);
  // Others must pass through it (the engine's user), but only its owner may list it.
  mkdirSync(home, { recursive: true, mode: 0o711 });
  await step(packagesTitle(level), async () => installMissing(level));
  const components = await haveComponents(COMPONENT_NAMES, step);
  const { engine: distribution } = options;
  const { [distribution]: component } = await haveComponents([distribution], step);
  const site =
    level === 0 ? await loopbackSite(options.engineNodes) : await networkSite(home, step, options.engineNodes);
  const bed = await step('making the private certificate authority', async () =>
    certify({ level, home, components, site }),
  );
  const engine = await step(`starting ${distributionTitle(distribution)} (it goes on in the background)`, async () =>
    startEngine(bed, distribution, component),
  );
  await step('starting etcd', async () => startEtcd(bed));
  const apiServer = await step('starting kube-apiserver', async () => startApiServer(bed));
  await step('starting kube-controller-manager', async () => startControllerManager(bed, apiServer.url));
  const git = await step('starting the Git server', async () =>
    startGitServer(bed, { password: secret(), token: secret() }),
  );
  const node = level === 0 ? undefined : await startNode(bed, apiServer.url, step);
  await step(`waiting for ${engine.type}`, async () => waitForEngine(bed, engine));
  if (level === 1) await step('waiting for the node', async () => waitForNode(bed, apiServer.kubeconfig));
  return describeBed(bed, { engine, apiServer, git, node });
}

async function networkSite(home: string, step: StepRunner, engineNodes: number): Promise<Site> {
  const enter = await step(`making a network of its own, ${NODE_ADDRESS}`, async () => createNetwork(home));
  return namespaceSite(NODE_ADDRESS, enter, engineNodes);
}

async function certify(parts: Omit<Bed, 'authority' | 'server'>): Promise<Bed> {
  const authority = await createAuthority(join(parts.home, 'certificates'));
  const addresses = ['127.0.0.1', parts.site.address, HOST_ADDRESS, API_SERVICE_ADDRESS].map(
    address => `IP:${address}`,
  );
  const names = ['localhost', NODE_NAME, 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', ECK_HOST];
  const server = await authority.server('server', [...new Set(addresses), ...names.map(name => `DNS:${name}`)]);
  return { ...parts, authority, server };
}

type Started = {
  readonly engine: BedState['engine'];
  readonly apiServer: ApiServer;
  readonly git: GitAccess;
  readonly node: BedState['node'];
};

function describeBed(bed: Bed, { engine, apiServer, git, node }: Started): BedState {
  const { caFile } = bed.authority;
  return {
    provider: 'local',
    level: bed.level,
    home: bed.home,
    address: bed.site.address,
    host: bed.level === 0 ? bed.site.address : HOST_ADDRESS,
    kubeconfig: apiServer.kubeconfig,
    binaries: linkBinaries(bed),
    apiServer: { url: apiServer.url, caFile, auditLog: apiServer.auditLog, pid: apiServer.pid },
    engine,
    git: { ...git, caFile },
    ...(node === undefined ? {} : { node }),
  };
}

function linkBinaries(bed: Bed): string {
  const binaries = join(bed.home, 'bin');
  mkdirSync(binaries);
  symlinkSync(join(bed.components.kubernetes, 'kubectl'), join(binaries, 'kubectl'));
  symlinkSync(join(bed.components.helm, 'helm'), join(binaries, 'helm'));
  return binaries;
}
