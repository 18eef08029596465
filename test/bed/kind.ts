import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AUDIT_POLICY } from './apiserver.ts';
import { createAuthority } from './certificates.ts';
import type { Authority, Identity } from './certificates.ts';
import { attempt, lastLines, run } from './command.ts';
import { distributionTitle } from './distributions.ts';
import { ECK_HOST } from './eck.ts';
import { createRepositories } from './git-server.ts';
import { answers } from './https-probe.ts';
import { keepKernelSettings } from './kernel-settings.ts';
import { NODE, docker, engineOf, kind, loadOwnImage } from './kind-engine.ts';
import type { KindEngine } from './kind-engine.ts';
import { BED_NAMESPACE, ENGINE_PORT, GIT_PORT, gitServer, kindCluster, kindManifests } from './kind-files.ts';
import { OWN_STEPS, PULLED_STEPS, hostAddress, ownSupplies, pulledSupplies } from './kind-supplies.ts';
import type { Supplies } from './kind-supplies.ts';
import { kindTools, lackingForBuiltKind, lackingForKind } from './kind-tools.ts';
import { copyLogs } from './local.ts';
import { bedProcesses } from './processes.ts';
import { countedSteps } from './progress.ts';
import type { BedOptions, Provider } from './provider.ts';
import { secret } from './secret.ts';
import type { BedState } from './state.ts';
import { waitUntil } from './wait.ts';

const STEPS = 6;
const checkout = join(import.meta.dirname, '..', '..');

/** The bed as a kind cluster of one node: with the machine's Docker where it answers, else with an engine of its own. */
export const kindProvider: Provider = { obstacles, start, lacks, keepEvidence, image };

/** What lacks for a bed of kind out of what is here already, for those who did not ask for one. */
export async function kindAtHand(): Promise<readonly string[]> {
  return lackingForKind(await kindTools());
}

async function obstacles(options: BedOptions): Promise<readonly string[]> {
  return [
    ...(options.level === 0 ? ['a bed of kind always has a node: leave --level 0 out'] : []),
    ...(options.engineNodes > 1 ? ['a bed of kind has one engine node: leave --engine-nodes out'] : []),
    ...(options.engine === 'elasticsearch'
      ? []
      : [`a bed of kind has no ${distributionTitle(options.engine)}: use --provider local`]),
    ...lackingForBuiltKind(await kindTools()),
  ];
}

async function image({ home }: BedState): Promise<string> {
  return loadOwnImage(home, requireEngine(home));
}

async function start(home: string): Promise<BedState> {
  const tools = await kindTools();
  const isOwn = tools.docker === undefined;
  const step = countedSteps(STEPS + (isOwn ? OWN_STEPS : PULLED_STEPS));
  mkdirSync(home, { recursive: true, mode: 0o711 });
  keepKernelSettings(home);
  const supplies = await (isOwn ? ownSupplies(home, step) : pulledSupplies(home, tools, step));
  const { engine } = supplies;
  const kubeconfig = join(home, 'kubeconfig');
  const kubectl = [supplies.programs.kubectl, '--kubeconfig', kubeconfig];
  const address = await step(`creating the kind cluster of ${supplies.nodeImage}`, async () =>
    createCluster(home, kubeconfig, supplies),
  );
  const authority = await createAuthority(join(home, 'certificates'));
  const server = await authority.server('server', [
    `IP:${address}`,
    'IP:127.0.0.1',
    'DNS:localhost',
    `DNS:${ECK_HOST}`,
  ]);
  const own = await step("building and loading this checkout's image", async () => loadOwnImage(home, engine));
  const password = secret();
  const search = await step('Elasticsearch, into the node', async () =>
    supplies.elasticsearch({ address, authority, server, password, image: own }),
  );
  const git = makeGit(home, { address, server });
  await step('starting Elasticsearch and the Git server as pods', async () => {
    await createTls(kubectl, server);
    const items = kindManifests(search, gitServer(home, own, process.getuid?.() ?? 0));
    await run([...kubectl, 'apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
  });
  const url = `https://${address}:${ENGINE_PORT}`;
  await step('waiting for the Git server', async () => ready(kubectl, 'git-server', `${git.url}/healthz`, authority));
  await step('waiting for Elasticsearch', async () =>
    ready(kubectl, 'elasticsearch', `${url}/_cluster/health`, authority, { username: 'elastic', password }),
  );
  return {
    provider: 'kind',
    level: 1,
    home,
    address,
    host: await hostAddress(engine),
    kubeconfig,
    binaries: linkBinaries(home, supplies),
    apiServer: { ...(await apiServerOf(home, kubectl, engine)), auditLog: join(home, 'logs', 'audit.log') },
    engine: {
      ...{ type: 'Elasticsearch', distribution: 'elasticsearch', url, urls: [url], pids: [] },
      ...{ username: 'elastic', password, caFile: authority.caFile },
    },
    git: { ...git, caFile: authority.caFile },
    node: { name: NODE, image: own },
  };
}

async function createCluster(home: string, kubeconfig: string, supplies: Supplies): Promise<string> {
  const { engine, nodeImage, apiServer } = supplies;
  mkdirSync(join(home, 'logs'), { recursive: true, mode: 0o755 });
  writeFileSync(join(home, 'logs', 'audit-policy.yaml'), AUDIT_POLICY);
  // The API server, root in its node, would make it readable for root alone.
  writeFileSync(join(home, 'logs', 'audit.log'), '', { mode: 0o644 });
  const config = join(home, 'kind', 'cluster.json');
  writeFileSync(config, JSON.stringify(kindCluster({ home, checkout, apiServer })));
  const options = ['--image', nodeImage, '--config', config, '--kubeconfig', kubeconfig, '--wait', '180s', '--retain'];
  await kind(engine, 'create', 'cluster', ...options);
  return nodeAddress(engine);
}

async function nodeAddress(engine: KindEngine): Promise<string> {
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  return (await docker(engine, 'inspect', '--format', format, NODE)).trim();
}

function makeGit(
  home: string,
  { address, server }: { readonly address: string; readonly server: Identity },
): Pick<BedState['git'], 'url' | 'username' | 'password' | 'token' | 'reposDir'> {
  const secrets = { password: secret(), token: secret() };
  const config = createRepositories(home, { address, port: GIT_PORT, ...server }, secrets);
  writeFileSync(join(home, 'git', 'server.json'), JSON.stringify(config), { mode: 0o600 });
  return { url: `https://${address}:${GIT_PORT}`, username: config.username, ...secrets, reposDir: config.reposDir };
}

async function createTls(kubectl: readonly string[], server: Identity): Promise<void> {
  await run([...kubectl, 'create', 'namespace', BED_NAMESPACE]);
  const files = [`--from-file=server.crt=${server.cert}`, `--from-file=server.key=${server.key}`];
  await run([...kubectl, '-n', BED_NAMESPACE, 'create', 'secret', 'generic', 'tls', ...files]);
}

/** While a pod does not answer, its state and the end of its log say why. */
async function ready(
  kubectl: readonly string[],
  pod: string,
  url: string,
  { caFile }: Authority,
  basic?: { readonly username: string; readonly password: string },
): Promise<void> {
  const options = { caFile, ...(basic === undefined ? {} : { basic }) };
  const ofPod = [...kubectl, '-n', BED_NAMESPACE];
  try {
    await waitUntil(url, 300, async () => answers(url, 200, options));
  } catch (error) {
    const state = await attempt([...ofPod, 'get', 'pod', pod, '-o', 'jsonpath={.status}']);
    const log = await attempt([...ofPod, 'logs', pod, '--tail=25']);
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message}\n    pod ${pod}: ${state ?? 'not there'}\n${lastLines(log ?? '', 25)}`, {
      cause: error,
    });
  }
}

async function apiServerOf(
  home: string,
  kubectl: readonly string[],
  engine: KindEngine,
): Promise<Pick<BedState['apiServer'], 'url' | 'caFile'>> {
  const caFile = join(home, 'api-ca.crt');
  writeFileSync(caFile, await docker(engine, 'exec', NODE, 'cat', '/etc/kubernetes/pki/ca.crt'));
  const url = await run([...kubectl, 'config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster.server}']);
  return { url, caFile };
}

function linkBinaries(home: string, { programs }: Supplies): string {
  const folder = join(home, 'bin');
  mkdirSync(folder);
  for (const [name, program] of Object.entries(programs)) symlinkSync(program, join(folder, name));
  return folder;
}

async function lacks({ home, address, engine: search, git }: BedState): Promise<readonly string[]> {
  const engine = engineOf(home);
  if (engine === undefined) return ['the record of its Docker engine'];
  if (engine.isOwn && !bedProcesses(home).some(found => found.name === 'dockerd')) return ['its Docker engine'];
  const format = '{{.State.Running}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  const node = await attempt(['docker', 'inspect', '--format', format, NODE], engine.env);
  if (node?.trim() !== `true ${address}`) return ['its node'];
  const silent = async (what: string, url: string, status: number, caFile: string): Promise<readonly string[]> =>
    (await answers(url, status, { caFile }).catch(String)) === undefined ? [] : [what];
  return [
    ...(await silent('the Git server', `${git.url}/healthz`, 200, git.caFile)),
    // It answers, and knows nobody without a password.
    ...(await silent('Elasticsearch', search.url, 401, search.caFile)),
  ];
}

async function keepEvidence(home: string, folder: string): Promise<void> {
  copyLogs(home, folder);
  const engine = engineOf(home);
  if (engine === undefined || (await attempt(['docker', 'inspect', NODE], engine.env)) === undefined) return;
  await kind(engine, 'export', 'logs', join(folder, 'node'));
}

function requireEngine(home: string): KindEngine {
  const engine = engineOf(home);
  if (engine === undefined) throw new Error(`the bed in ${home} has no Docker engine`);
  return engine;
}
