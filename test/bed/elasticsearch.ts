import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bed } from './bed.ts';
import { run } from './command.ts';
import { httpsProbe } from './https-probe.ts';
import { startProcess } from './processes.ts';
import type { ProcessSpec } from './processes.ts';
import { isRoot, javaHome } from './tools.ts';
import { waitForProcess } from './wait.ts';

/** The engine refuses to run as root, so root's bed runs it as nobody. */
const NOBODY = 65534;
const AS_NOBODY = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
/** Built in; its password is the one that the engine was configured with. */
export const engineUser = 'elastic';

export type Engine = {
  readonly urls: readonly string[];
  readonly username: string;
  readonly password: string;
  readonly pids: readonly number[];
};

/** Starts every node of the engine without waiting for them: Java needs a while, in which the rest of the bed starts. */
export async function startElasticsearch(bed: Bed, password: string): Promise<Engine> {
  const { address, ports } = bed.site;
  const nodes = await configureElasticsearch(bed, password);
  const pids = nodes.map(node => startProcess(bed.home, node).pid);
  const urls = ports.engine.map(port => `https://${address}:${port}`);
  return { urls, username: engineUser, password, pids };
}

/** What of a bed the configuration of an engine is made from. */
type EngineParts = Pick<Bed, 'home' | 'site' | 'authority' | 'server'> & {
  readonly components: Pick<Bed['components'], 'elasticsearch'>;
};

/** Writes the configuration of every node and answers how each is started. */
export async function configureElasticsearch(bed: EngineParts, password: string): Promise<readonly ProcessSpec[]> {
  const distribution = join(bed.home, 'elasticsearch', 'distribution');
  // A copy, because the cache may lie where the engine's user cannot look.
  cpSync(bed.components.elasticsearch, distribution, { recursive: true });
  mkdirSync(snapshotsFolder(bed));
  if (isRoot()) chownSync(snapshotsFolder(bed), NOBODY, NOBODY);
  await createKeystore(distribution, password);
  return [...bed.site.ports.engine.keys()].map(index => {
    const folder = configureNode(bed, { distribution, index });
    return nodeProcess(bed, { distribution, folder, name: nodeName(index) });
  });
}

/** Waits until every node answers and sees all the others. */
export async function waitForElasticsearch(bed: Bed, engine: Engine): Promise<void> {
  const basic = { username: engine.username, password: engine.password };
  for (const [index, url] of engine.urls.entries()) {
    await waitForProcess(bed.home, nodeName(index), {
      deadlineSeconds: 180,
      probe: async () => {
        const { status, body } = await httpsProbe(`${url}/_cluster/health`, { caFile: bed.authority.caFile, basic });
        if (status !== 200) return `${url} answers ${status}: ${body.slice(0, 300)}`;
        const { number_of_nodes: nodes } = JSON.parse(body) as { number_of_nodes: number };
        return nodes === engine.urls.length ? undefined : `${nodes} of ${engine.urls.length} nodes have joined`;
      },
    });
  }
}

/** Process name of a node of the engine, counted from 0. */
export function nodeName(index: number): string {
  return `elasticsearch-${index}`;
}

/** In the distribution's own configuration, of which every node gets a copy. */
async function createKeystore(distribution: string, password: string): Promise<void> {
  const env = { ES_JAVA_HOME: javaHome(), ES_PATH_CONF: join(distribution, 'config') };
  const keystore = join(distribution, 'bin', 'elasticsearch-keystore');
  await run([keystore, 'create'], { env });
  await run([keystore, 'add', '-x', 'bootstrap.password'], { env, input: password });
}

type NodeSpec = { readonly distribution: string; readonly index: number };

function configureNode(bed: EngineParts, { distribution, index }: NodeSpec): string {
  const folder = join(bed.home, 'elasticsearch', nodeName(index));
  const config = join(folder, 'config');
  for (const name of ['data', 'logs', 'tmp']) mkdirSync(join(folder, name), { recursive: true });
  cpSync(join(distribution, 'config'), config, { recursive: true });
  mkdirSync(join(config, 'tls'));
  cpSync(bed.server.cert, join(config, 'tls', 'node.crt'));
  cpSync(bed.server.key, join(config, 'tls', 'node.key'));
  cpSync(bed.authority.caFile, join(config, 'tls', 'ca.crt'));
  mkdirSync(join(config, 'jvm.options.d'), { recursive: true });
  writeFileSync(join(config, 'jvm.options.d', 'heap.options'), '-Xms512m\n-Xmx512m\n');
  writeFileSync(join(config, 'elasticsearch.yml'), settings(bed, index, folder));
  if (isRoot()) giveToNobody(folder);
  return folder;
}

function settings(bed: EngineParts, index: number, folder: string): string {
  const { address, ports } = bed.site;
  const nodes = ports.engine.map((_, other) => nodeName(other));
  const several = nodes.length > 1;
  const shared = {
    'cluster.name': 'reindeer-bed',
    'node.name': nodeName(index),
    // Two zones at least as soon as there are two nodes, to test allocation awareness with.
    'node.attr.zone': `zone-${String.fromCharCode(97 + (index % 3))}`,
    'path.data': join(folder, 'data'),
    'path.logs': join(folder, 'logs'),
    'path.repo': snapshotsFolder(bed),
    'http.host': address,
    'http.port': ports.engine[index],
    // Loopback spares the limits of the machine that a production address would demand.
    'transport.host': '127.0.0.1',
    'transport.port': ports.engineTransport[index],
    'node.store.allow_mmap': false,
    // Whatever writes to an index that nobody created is a mistake that the tests must see.
    'action.auto_create_index': false,
    'cluster.routing.allocation.disk.threshold_enabled': false,
    'xpack.security.enabled': true,
    'xpack.security.http.ssl.enabled': true,
    'xpack.security.http.ssl.certificate': 'tls/node.crt',
    'xpack.security.http.ssl.key': 'tls/node.key',
    'xpack.security.transport.ssl.enabled': several,
  };
  const clustered = {
    'cluster.initial_master_nodes': nodes,
    'discovery.seed_hosts': ports.engineTransport.map(port => `127.0.0.1:${port}`),
    'xpack.security.transport.ssl.verification_mode': 'certificate',
    'xpack.security.transport.ssl.certificate': 'tls/node.crt',
    'xpack.security.transport.ssl.key': 'tls/node.key',
    'xpack.security.transport.ssl.certificate_authorities': ['tls/ca.crt'],
  };
  const all = { ...shared, ...(several ? clustered : { 'discovery.type': 'single-node' }) };
  return `${JSON.stringify(all, undefined, 2)}\n`;
}

function nodeProcess(
  bed: EngineParts,
  node: { readonly distribution: string; readonly folder: string; readonly name: string },
): ProcessSpec {
  return {
    name: node.name,
    command: [...bed.site.enter, ...(isRoot() ? AS_NOBODY : []), join(node.distribution, 'bin', 'elasticsearch')],
    env: {
      ES_JAVA_HOME: javaHome(),
      ES_PATH_CONF: join(node.folder, 'config'),
      ES_TMPDIR: join(node.folder, 'tmp'),
      // It lives for minutes, too short to be worth the second compiler of Java, which took as much CPU as all else it did.
      ES_JAVA_OPTS: '-XX:TieredStopAtLevel=1',
    },
  };
}

/** Shared by all nodes, for snapshot repositories of type fs. */
function snapshotsFolder(bed: EngineParts): string {
  return join(bed.home, 'elasticsearch', 'snapshots');
}

function giveToNobody(path: string): void {
  chownSync(path, NOBODY, NOBODY);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) giveToNobody(inner);
    else {
      chownSync(inner, NOBODY, NOBODY);
      chmodSync(inner, 0o600);
    }
  }
}
