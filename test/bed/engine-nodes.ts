import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bed } from './bed.ts';
import type { EngineProgram } from './distributions.ts';
import type { ProcessSpec } from './processes.ts';
import { isRoot } from './tools.ts';

/** The engines refuse to run as root, so root's bed runs them as nobody. */
const NOBODY = 65534;
const AS_NOBODY = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];

/** What of a bed the nodes of its engine are made from. */
export type NodeParts = Pick<Bed, 'home' | 'site'>;

/** How one engine is started: all that differs between the two. */
export type EngineMake = {
  /** Of its program, its configuration and its processes. */
  readonly name: EngineProgram;
  /** Of the variables that its program reads. */
  readonly prefix: 'ES' | 'OPENSEARCH';
  readonly javaHome: string;
  /** Settings of its own, given the names of the nodes. */
  readonly settings: (nodes: readonly string[]) => Readonly<Record<string, unknown>>;
  /** Puts its own files into the configuration of a node. */
  readonly configure: (config: string) => void;
};

/** A copy of a distribution for this bed, because the cache may lie where the engine's user cannot look. */
export function copyDistribution(home: string, name: EngineProgram, from: string): string {
  const distribution = join(home, name, 'distribution');
  cpSync(from, distribution, { recursive: true });
  return distribution;
}

/** Writes the configuration of every node and answers how each is started. */
export function configureNodes(bed: NodeParts, distribution: string, make: EngineMake): readonly ProcessSpec[] {
  mkdirSync(snapshotsFolder(bed, make));
  if (isRoot()) chownSync(snapshotsFolder(bed, make), NOBODY, NOBODY);
  return [...bed.site.ports.engine.keys()].map(index => {
    const folder = configureNode(bed, make, { distribution, index });
    return nodeProcess(bed, make, { distribution, folder, name: nodeName(make.name, index) });
  });
}

/** Process name of a node of an engine, counted from 0. */
export function nodeName(program: EngineProgram, index: number): `${EngineProgram}-${number}` {
  return `${program}-${index}`;
}

function configureNode(
  bed: NodeParts,
  make: EngineMake,
  { distribution, index }: { readonly distribution: string; readonly index: number },
): string {
  const folder = join(bed.home, make.name, nodeName(make.name, index));
  const config = join(folder, 'config');
  for (const name of ['data', 'logs', 'tmp']) mkdirSync(join(folder, name), { recursive: true });
  cpSync(join(distribution, 'config'), config, { recursive: true });
  make.configure(config);
  ownLogs(join(config, 'jvm.options'), folder);
  mkdirSync(join(config, 'jvm.options.d'), { recursive: true });
  writeFileSync(join(config, 'jvm.options.d', 'heap.options'), '-Xms512m\n-Xmx512m\n');
  const settings = { ...sharedSettings(bed, make, { folder, index }), ...make.settings(nodeNames(bed, make)) };
  writeFileSync(join(config, `${make.name}.yml`), `${JSON.stringify(settings, undefined, 2)}\n`);
  if (isRoot()) giveToNobody(folder);
  return folder;
}

/** Java's own logs would go into the distribution, where the engine's user may not write. */
function ownLogs(file: string, folder: string): void {
  const text = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    text.replaceAll('=logs/', `=${join(folder, 'logs')}/`).replace('=data', `=${join(folder, 'logs')}`),
  );
}

function nodeNames({ site }: NodeParts, { name }: EngineMake): readonly string[] {
  return site.ports.engine.map((_, index) => nodeName(name, index));
}

function sharedSettings(
  bed: NodeParts,
  make: EngineMake,
  { folder, index }: { readonly folder: string; readonly index: number },
): Readonly<Record<string, unknown>> {
  const { address, ports } = bed.site;
  const seeds = { 'discovery.seed_hosts': ports.engineTransport.map(port => `127.0.0.1:${port}`) };
  return {
    'cluster.name': 'reindeer-bed',
    'node.name': nodeName(make.name, index),
    // Two zones at least as soon as there are two nodes, to test allocation awareness with.
    'node.attr.zone': `zone-${String.fromCharCode(97 + (index % 3))}`,
    'path.data': join(folder, 'data'),
    'path.logs': join(folder, 'logs'),
    'path.repo': snapshotsFolder(bed, make),
    'http.host': address,
    'http.port': ports.engine[index],
    // Loopback spares the limits of the machine that a production address would demand.
    'transport.host': '127.0.0.1',
    'transport.port': ports.engineTransport[index],
    'node.store.allow_mmap': false,
    // Whatever writes to an index that nobody created is a mistake that the tests must see.
    'action.auto_create_index': false,
    'cluster.routing.allocation.disk.threshold_enabled': false,
    ...(ports.engine.length > 1 ? seeds : { 'discovery.type': 'single-node' }),
  };
}

function nodeProcess(
  bed: NodeParts,
  { name: program, prefix, javaHome }: EngineMake,
  node: { readonly distribution: string; readonly folder: string; readonly name: string },
): ProcessSpec {
  return {
    name: node.name,
    command: [...bed.site.enter, ...(isRoot() ? AS_NOBODY : []), join(node.distribution, 'bin', program)],
    env: {
      [`${prefix}_JAVA_HOME`]: javaHome,
      [`${prefix}_PATH_CONF`]: join(node.folder, 'config'),
      [`${prefix}_TMPDIR`]: join(node.folder, 'tmp'),
      // It lives for minutes, too short to be worth the second compiler of Java, which took as much CPU as all else it did.
      [`${prefix}_JAVA_OPTS`]: '-XX:TieredStopAtLevel=1',
    },
  };
}

/** Shared by all nodes, for snapshot repositories of type fs. */
function snapshotsFolder({ home }: NodeParts, { name }: EngineMake): string {
  return join(home, name, 'snapshots');
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
