import { copyFileSync, globSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cached, contentKey, isCached } from './cache.ts';
import { run } from './command.ts';

const SUITE = 'bookworm';
const PACKAGES = [
  'systemd',
  'containerd',
  'runc',
  'containernetworking-plugins',
  'iptables',
  'conntrack',
  'iproute2',
  'socat',
  'ethtool',
  'kmod',
  'mount',
  'procps',
  'util-linux',
  'ca-certificates',
  // The engine runs in the node, too: its distribution brings no Java.
  'openjdk-17-jre-headless',
] as const;

/** Folders of the node that the engine's pod takes Java from. */
export const JAVA_FOLDERS = ['/usr/lib/jvm', '/etc/java-17-openjdk', '/etc/ssl/certs/java'] as const;
export const JAVA_HOME = '/usr/lib/jvm/java-17-openjdk-amd64';

const LEFT_OUT = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
  'usr/share/info',
  'var/cache/apt',
  'var/lib/apt/lists',
];
/** Nothing of Debian's own starts in a node but the journal. */
const UNITS_LEFT_OUT = [
  'etc/systemd/system/*.wants/*',
  'usr/lib/systemd/system/{multi-user,local-fs,basic,sysinit}.target.wants/*',
  'usr/lib/systemd/system/sockets.target.wants/*{udev,initctl}*',
  'usr/lib/systemd/system/containerd.service',
];

/** Whether `nodeRoot` would answer at once. */
export function hasNodeRoot(): boolean {
  return isCached('node-root', rootKey());
}

/** Folder with the Debian that a node is made from: `root` in it, and `proxy` with what kube-proxy calls. Needs root. */
export async function nodeRoot(): Promise<string> {
  return cached('node-root', rootKey(), make);
}

async function make(folder: string): Promise<void> {
  const root = join(folder, 'root');
  // In a mount namespace of its own: what debootstrap mounts below the folder goes away with it, also after a kill.
  const debootstrap = ['debootstrap', '--variant=minbase', `--include=${PACKAGES.join(',')}`, SUITE, root];
  await run(['unshare', '--mount', ...debootstrap]);
  for (const path of LEFT_OUT) rmSync(join(root, path), { recursive: true, force: true });
  for (const path of globSync(UNITS_LEFT_OUT, { cwd: root })) rmSync(join(root, path), { force: true });
  await makeProxyRoot(root, join(folder, 'proxy'));
}

/** iptables and conntrack with the libraries that they need. */
async function makeProxyRoot(root: string, proxy: string): Promise<void> {
  const programs = ['usr/sbin/xtables-nft-multi', 'usr/sbin/conntrack', 'bin/dash'];
  const xtables = 'usr/lib/x86_64-linux-gnu/xtables';
  const linked = await Promise.all(programs.map(async program => run(['chroot', root, 'ldd', `/${program}`])));
  const libraries = linked.flatMap(text => [...text.matchAll(/\/\S+/g)].map(([path]) => path.slice(1)));
  const extensions = readdirSync(join(root, xtables)).map(name => join(xtables, name));
  for (const file of new Set([...programs, ...libraries, ...extensions, 'etc/protocols'])) {
    mkdirSync(join(proxy, dirname(file)), { recursive: true });
    copyFileSync(join(root, file), join(proxy, file));
  }
  for (const folder of ['tmp', 'run']) mkdirSync(join(proxy, folder));
  copyFileSync(join(proxy, 'bin', 'dash'), join(proxy, 'bin', 'sh'));
  for (const family of ['iptables', 'ip6tables'])
    for (const verb of ['', '-save', '-restore']) {
      symlinkSync('xtables-nft-multi', join(proxy, 'usr', 'sbin', `${family}${verb}`));
    }
}

function rootKey(): string {
  return contentKey({ texts: [readFileSync(import.meta.filename, 'utf8')] });
}
