import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AUDIT_POLICY } from './apiserver.ts';
import { createAuthority } from './certificates.ts';
import type { Authority, Identity } from './certificates.ts';
import { run } from './command.ts';
import { ELASTICSEARCH_VERSION } from './components.ts';
import { createRepositories } from './git-server.ts';
import type { GitSecrets } from './git-server.ts';
import { answers } from './https-probe.ts';
import { BED_NAMESPACE, ENGINE_PORT, GIT_PORT, inNode, kindCluster, kindManifests } from './kind-files.ts';
import { countedSteps } from './progress.ts';
import type { BedOptions, Provider } from './provider.ts';
import { RefusedError } from './refused.ts';
import { secret } from './secret.ts';
import { bedHome, readBedState, writeBedState } from './state.ts';
import type { BedState } from './state.ts';
import { onPath, pathOf } from './tools.ts';
import { waitUntil } from './wait.ts';
import { thisBed } from './which-bed.ts';

const CLUSTER = thisBed().name;
const NODE = `${CLUSTER}-control-plane`;
const checkout = join(import.meta.dirname, '..', '..');

/**
 * The bed as a kind cluster, for Linux machines with Docker and internet. It always has a node. It was written after
 * kind's documentation on a machine without registry access, and was not run there.
 */
export const kindProvider: Provider = { up, down, image };

async function up(options: BedOptions): Promise<BedState> {
  refuseWhatIsMissing();
  if (readBedState() !== undefined) throw new RefusedError('a bed is up already: end it with npm run bed -- down');
  if (options.engineNodes > 1)
    throw new RefusedError('the kind provider has one engine node; leave --engine-nodes out');
  try {
    return await start(bedHome());
  } catch (error) {
    await down();
    throw error;
  }
}

async function down(): Promise<void> {
  await run(['kind', 'delete', 'cluster', '--name', CLUSTER]);
  rmSync(bedHome(), { recursive: true, force: true });
}

/** Builds the image with Docker and loads it into the node. */
async function image(): Promise<string> {
  const id = (await run(['docker', 'build', '--quiet', checkout])).trim().replace(/^sha256:/, '');
  const name = `reindeer.dev/reindeer:kind-${id.slice(0, 12)}`;
  await run(['docker', 'tag', id, name]);
  await run(['kind', 'load', 'docker-image', name, '--name', CLUSTER]);
  return name;
}

async function start(home: string): Promise<BedState> {
  const step = countedSteps(5);
  const kubeconfig = join(home, 'kubeconfig');
  const address = await step('creating the kind cluster', async () => createCluster(home, kubeconfig));
  const authority = await createAuthority(join(home, 'certificates'));
  const server = await authority.server('server', [`IP:${address}`, 'IP:127.0.0.1', 'DNS:localhost']);
  const secrets = { password: secret(), token: secret() };
  const reposDir = writeGitConfig(home, { address, server, secrets });
  const built = await step("building and loading this checkout's image", image);
  const kubectl = ['kubectl', '--kubeconfig', kubeconfig];
  const password = secret();
  const engine = { url: `https://${address}:${ENGINE_PORT}`, username: 'elastic', password, caFile: authority.caFile };
  const git = {
    url: `https://${address}:${GIT_PORT}`,
    username: 'developer',
    ...secrets,
    caFile: authority.caFile,
    reposDir,
  };
  await step('starting Elasticsearch and the Git server as pods', async () => {
    await createTls(kubectl, server);
    const userId = process.getuid?.() ?? 0;
    const items = kindManifests({ version: ELASTICSEARCH_VERSION, password, image: built, userId });
    await run([...kubectl, 'apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
  });
  await step('waiting for the Git server', async () => ready(`${git.url}/healthz`, authority));
  await step('waiting for Elasticsearch', async () => ready(`${engine.url}/_cluster/health`, authority, engine));
  const state: BedState = {
    provider: 'kind',
    level: 1,
    home,
    address,
    kubeconfig,
    binaries: linkBinaries(home),
    apiServer: {
      url: await serverOf(kubectl),
      caFile: join(home, 'api-ca.crt'),
      auditLog: join(home, 'logs', 'audit.log'),
    },
    engine: { ...engine, urls: [engine.url], pids: [] },
    git,
    node: { name: NODE, image: built },
  };
  writeFileSync(state.apiServer.caFile, await run(['docker', 'exec', NODE, 'cat', '/etc/kubernetes/pki/ca.crt']));
  writeBedState(state);
  return state;
}

async function createCluster(home: string, kubeconfig: string): Promise<string> {
  mkdirSync(join(home, 'logs'), { recursive: true, mode: 0o755 });
  writeFileSync(join(home, 'logs', 'audit-policy.yaml'), AUDIT_POLICY);
  const config = join(home, 'kind.json');
  writeFileSync(config, JSON.stringify(kindCluster(home, checkout)));
  await run([
    'kind',
    'create',
    'cluster',
    '--name',
    CLUSTER,
    '--config',
    config,
    '--kubeconfig',
    kubeconfig,
    '--wait',
    '120s',
  ]);
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  return (await run(['docker', 'inspect', '--format', format, NODE])).trim();
}

function writeGitConfig(
  home: string,
  git: { readonly address: string; readonly server: Identity; readonly secrets: GitSecrets },
): string {
  const config = createRepositories(home, { address: git.address, port: GIT_PORT, ...git.server }, git.secrets);
  const seen = Object.entries(config).map(([name, value]) => [
    name,
    typeof value === 'string' ? inNode(home, value) : value,
  ]);
  writeFileSync(join(home, 'git', 'server.json'), JSON.stringify(Object.fromEntries(seen)), { mode: 0o600 });
  return config.reposDir;
}

async function createTls(kubectl: readonly string[], server: Identity): Promise<void> {
  await run([...kubectl, 'create', 'namespace', BED_NAMESPACE]);
  const files = [`--from-file=server.crt=${server.cert}`, `--from-file=server.key=${server.key}`];
  await run([...kubectl, '-n', BED_NAMESPACE, 'create', 'secret', 'generic', 'tls', ...files]);
}

async function ready(
  url: string,
  authority: Authority,
  basic?: { readonly username: string; readonly password: string },
): Promise<void> {
  const options = { caFile: authority.caFile, ...(basic === undefined ? {} : { basic }) };
  await waitUntil(url, 300, async () => answers(url, 200, options));
}

async function serverOf(kubectl: readonly string[]): Promise<string> {
  return run([...kubectl, 'config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster.server}']);
}

function linkBinaries(home: string): string {
  const folder = join(home, 'bin');
  mkdirSync(folder);
  for (const name of ['kubectl', 'helm']) {
    const program = pathOf(name);
    if (program !== undefined) symlinkSync(program, join(folder, name));
  }
  return folder;
}

function refuseWhatIsMissing(): void {
  const pages = {
    docker: 'https://docs.docker.com/engine/install',
    kind: 'https://kind.sigs.k8s.io/docs/user/quick-start',
    kubectl: 'https://kubernetes.io/docs/tasks/tools',
    helm: 'https://helm.sh/docs/intro/install',
    openssl: 'your distribution',
  };
  const missing = Object.entries(pages).filter(([name]) => !onPath(name));
  if (missing.length === 0) return;
  const lines = missing.map(([name, page]) => `  ${name} is missing: install it (${page})`);
  throw new RefusedError(`the kind provider cannot start:\n${lines.join('\n')}`);
}
