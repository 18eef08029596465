import {
  accessSync,
  constants,
  existsSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { run } from './command.ts';
import { DISTRIBUTIONS, distributionTitle } from './distributions.ts';
import type { Distribution, DistributionName, JavaReleases } from './distributions.ts';
import type { BedLevel } from './state.ts';

type Tool = {
  readonly name: string;
  /** A file that may stand for the tool where it is no program on PATH. */
  readonly file?: string;
  /** Debian package that brings it; absent for what the machine itself is expected to have. */
  readonly debian?: string;
  readonly next?: string;
};

const LEVEL_0: readonly Tool[] = [
  { name: 'go', next: 'install Go 1.26 or newer (https://go.dev/dl) and put it on PATH' },
  { name: 'java', next: 'install a JDK 17 (Debian: apt-get install openjdk-17-jdk-headless) and put java on PATH' },
  { name: 'mvn', next: 'install Maven 3.8 or newer (Debian: apt-get install maven)' },
  { name: 'git', debian: 'git' },
  { name: 'openssl', debian: 'openssl' },
  { name: 'ssh', debian: 'openssh-client' },
  { name: 'sshd', debian: 'openssh-server' },
  { name: 'unzip', debian: 'unzip' },
];

const LEVEL_1: readonly Tool[] = [
  { name: 'containerd', debian: 'containerd' },
  { name: 'runc', debian: 'runc' },
  { name: 'bridge', file: '/usr/lib/cni/bridge', debian: 'containernetworking-plugins' },
  { name: 'iptables', debian: 'iptables' },
  { name: 'ip', debian: 'iproute2' },
  { name: 'conntrack', debian: 'conntrack' },
  { name: 'socat', debian: 'socat' },
  { name: 'nsenter', debian: 'util-linux' },
  { name: 'buildah', debian: 'buildah' },
  { name: 'debootstrap', debian: 'debootstrap' },
];

/** Whether this user may make namespaces and start a kubelet. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Whether missing packages can be installed with apt. */
export function isDebianLike(): boolean {
  return existsSync('/etc/debian_version') && onPath('apt-get');
}

/** Debian packages that the level needs and this machine lacks. */
export function missingPackages(level: BedLevel): readonly string[] {
  return toolsOf(level).flatMap(tool => (tool.debian === undefined || isThere(tool) ? [] : [tool.debian]));
}

/** What apt does not bring here (or cannot, without root), each with the next step. Empty: the level can be brought up. */
export function missingByHand(level: BedLevel, engine: DistributionName): readonly string[] {
  const canInstall = isRoot() && isDebianLike();
  const missing = toolsOf(level).filter(tool => !isThere(tool) && (tool.debian === undefined || !canInstall));
  const lines = missing.map(
    tool => `${tool.name} is missing: ${tool.next ?? `install the Debian package ${tool.debian ?? tool.name} as root`}`,
  );
  lines.push(...missingJdk(engine));
  return level === 1 && !isRoot() ? [...lines, 'pods need a kubelet, which needs root: run this as root'] : lines;
}

/** What `installMissing` will do, for people. */
export function packagesTitle(level: BedLevel): string {
  const missing = missingPackages(level);
  return missing.length === 0 ? 'all Debian packages are there' : `installing with apt: ${missing.join(' ')}`;
}

/** Installs what apt can bring of what the level needs. */
export async function installMissing(level: BedLevel): Promise<void> {
  const missing = missingPackages(level);
  if (missing.length > 0) await installPackages(missing);
}

/** Installs Debian packages without starting the services that some of them bring. */
async function installPackages(packages: readonly string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run(['apt-get', 'update', '-q'], { env });
  await withoutServices(async () => {
    await run(['apt-get', 'install', '-y', '--no-install-recommends', ...packages], { env });
  });
}

/** Debian asks this program before a package starts a service; 101 forbids it. A machine that has its own keeps it. */
async function withoutServices(work: () => Promise<void>): Promise<void> {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return work();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await work();
  } finally {
    rmSync(policy);
  }
}

/** The home folder of the Java on PATH; throws when there is none. */
export function javaHome(): string {
  const program = pathOf('java');
  if (program === undefined) throw new Error('java is not on PATH');
  return dirname(dirname(realpathSync(program)));
}

function missingJdk(engine: DistributionName): readonly string[] {
  const { java }: Distribution = DISTRIBUTIONS[engine];
  if (java === undefined || jdkHome(java) !== undefined) return [];
  const wanted = java.most === undefined ? `${java.least} or newer` : `${java.least} to ${java.most}`;
  return [
    `a JDK ${wanted} is missing, which ${distributionTitle(engine)} needs: install one and name its folder in OPENSEARCH_JAVA_HOME`,
  ];
}

/** The home folder of a Java of these releases: a named one, that on PATH, or one where Debian puts them. */
export function jdkHome({ least, most = Infinity }: JavaReleases): string | undefined {
  const named = [process.env['OPENSEARCH_JAVA_HOME'], process.env['JAVA_HOME']].flatMap(home => home ?? []);
  const installed = existsSync(JAVA_FOLDER) ? readdirSync(JAVA_FOLDER).map(name => join(JAVA_FOLDER, name)) : [];
  const homes = [...named, ...(onPath('java') ? [javaHome()] : []), ...installed];
  const fits = (version: number): boolean => version >= least && version <= most;
  return homes.find(home => fits(javaVersion(home)) && isExecutable(join(home, 'bin', 'java')));
}

const JAVA_FOLDER = '/usr/lib/jvm';

/** Of a folder that holds no Java, 0. */
function javaVersion(home: string): number {
  const file = join(home, 'release');
  if (!existsSync(file)) return 0;
  return Number(/^JAVA_VERSION="(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
}

function toolsOf(level: BedLevel): readonly Tool[] {
  return level === 0 ? LEVEL_0 : [...LEVEL_0, ...LEVEL_1];
}

function isThere(tool: Tool): boolean {
  return onPath(tool.name) || (tool.file !== undefined && existsSync(tool.file));
}

/** Whether a program of that name can be run. */
export function onPath(name: string): boolean {
  return pathOf(name) !== undefined;
}

/** Where the program of that name is, or undefined. */
export function pathOf(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map(folder => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
