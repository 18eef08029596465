import {
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder, cached, contentKey, isCached } from './cache.ts';
import { run } from './command.ts';
import { KUBERNETES_VERSION } from './components.ts';
import type { Components } from './components.ts';
import { packImages, packLayer } from './oci-archive.ts';
import type { OciImage } from './oci-archive.ts';
import { hasNodeRoot, nodeRoot } from './node-root.ts';
import { PAUSE_CONFIG } from './pause-image.ts';

/** What a node of kind is started from where no registry can be asked. */
export const OWN_NODE_IMAGE = `reindeer.dev/node:${KUBERNETES_VERSION}`;

type NodeParts = Pick<Components, 'kubernetes' | 'etcd' | 'pause'>;

const files = join(import.meta.dirname, 'node-image');
/** Where each file of node-image/ has its place in a node. */
const PLACES: Readonly<Record<string, string>> = {
  entrypoint: 'usr/local/bin/entrypoint',
  cgroups: 'kind/bin/cgroups',
  'import-images': 'kind/bin/import-images',
  'containerd.toml': 'etc/containerd/config.toml',
  'containerd.service': 'etc/systemd/system/containerd.service',
  'kubelet.service': 'etc/systemd/system/kubelet.service',
  'pods.conflist': 'etc/cni/net.d/10-pods.conflist',
  'default-cni.yaml': 'kind/manifests/default-cni.yaml',
};

/** What `nodeImage` will do, for people. */
export function nodeImageTitle(parts: NodeParts): string {
  if (isCached('node-image', imageKey(parts))) return `image of the node, ${OWN_NODE_IMAGE}, from the cache`;
  return `making the image of the node, ${OWN_NODE_IMAGE} (${hasNodeRoot() ? 'half a minute' : 'cold, with debootstrap: 3 minutes'})`;
}

/** The tar that `docker import` makes into the image: Debian, Kubernetes programs, and the images that kubeadm asks for. */
export async function nodeImage(parts: NodeParts): Promise<string> {
  const folder = await cached('node-image', imageKey(parts), async unfinished => make(unfinished, parts));
  return join(folder, 'node.tar');
}

async function make(folder: string, parts: NodeParts): Promise<void> {
  const base = await nodeRoot();
  const added = join(folder, 'added');
  for (const [name, place] of Object.entries(PLACES)) {
    mkdirSync(join(added, dirname(place)), { recursive: true });
    cpSync(join(files, name), join(added, place));
  }
  enableUnits(added);
  const programs = join(added, 'usr', 'bin');
  mkdirSync(programs, { recursive: true });
  copyFileSync(join(parts.kubernetes, 'kubelet'), join(programs, 'kubelet'));
  for (const name of ['kubectl', 'kubeadm']) linkSync(join(programs, 'kubelet'), join(programs, name));
  writeFileSync(join(added, 'kind', 'version'), KUBERNETES_VERSION);
  mkdirSync(join(added, 'etc', 'kubernetes', 'manifests'), { recursive: true });
  await packControlPlane(join(added, 'kind', 'images.tar'), join(folder, 'images'), {
    ...parts,
    proxy: join(base, 'proxy'),
  });
  // Links in place of copies, which are replaced and never written to: the root is the cache's.
  const merged = join(folder, 'merged');
  await run(['cp', '--archive', '--link', join(base, 'root'), merged]);
  await run(['cp', '--archive', '--remove-destination', `${added}/.`, merged]);
  await run(['tar', '--numeric-owner', '-cf', join(folder, 'node.tar'), '-C', merged, '.']);
  rmSync(merged, { recursive: true });
  removeOlderImages(parts);
  rmSync(added, { recursive: true });
}

/** Each has nearly a gigabyte. */
function removeOlderImages(current: NodeParts): void {
  const keep = `node-image-${imageKey(current)}`;
  const older = readdirSync(cacheFolder()).filter(name => /^node-image-[0-9a-f]{12}$/.test(name) && name !== keep);
  for (const name of older) rmSync(join(cacheFolder(), name), { recursive: true, force: true });
}

function enableUnits(root: string): void {
  const system = join(root, 'etc', 'systemd', 'system');
  const wanted = join(system, 'multi-user.target.wants');
  mkdirSync(wanted, { recursive: true });
  for (const unit of ['containerd.service', 'kubelet.service']) symlinkSync(`../${unit}`, join(wanted, unit));
  symlinkSync('/lib/systemd/system/multi-user.target', join(system, 'default.target'));
}

/** All images of the control plane in one archive; those of Kubernetes share the layer with its one program. */
async function packControlPlane(
  archive: string,
  folder: string,
  parts: NodeParts & { readonly proxy: string },
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const env = { Env: ['PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'] };
  const kubernetes = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'] as const;
  const programs = await packPrograms(
    folder,
    'kubernetes',
    kubernetes.map(name => [join(parts.kubernetes, name), `usr/local/bin/${name}`]),
  );
  const etcd = await packPrograms(folder, 'etcd', [[join(parts.etcd, 'etcd'), 'usr/local/bin/etcd']]);
  const pause = await packPrograms(folder, 'pause', [[join(parts.pause, 'pause'), 'pause']]);
  const proxy = join(folder, 'proxy.tar');
  await packLayer(proxy, parts.proxy);
  const layersOf: Readonly<Record<string, readonly string[]>> = {
    ...Object.fromEntries(kubernetes.map(name => [name, [programs]])),
    'kube-proxy': [programs, proxy],
    etcd: [etcd],
    pause: [pause],
  };
  const images = (await imagesOf(parts.kubernetes)).flatMap((name): readonly OciImage[] => {
    const part = name.replace(/:.*$/, '').replace(/^.*\//, '');
    const layers = layersOf[part];
    return layers === undefined ? [] : [{ name, layers, config: part === 'pause' ? { ...env, ...PAUSE_CONFIG } : env }];
  });
  await packImages(archive, join(folder, 'archive'), images);
  rmSync(folder, { recursive: true });
}

/** Programs at their places, in a layer of their own; programs of one file stay one. */
async function packPrograms(
  folder: string,
  name: string,
  programs: readonly (readonly [string, string])[],
): Promise<string> {
  const root = join(folder, name);
  const [[first, place] = ['', ''], ...others] = programs;
  mkdirSync(join(root, dirname(place)), { recursive: true });
  copyFileSync(first, join(root, place));
  for (const [, other] of others) linkSync(join(root, place), join(root, other));
  const layer = join(folder, `${name}.tar`);
  await packLayer(layer, root);
  return layer;
}

/** What kubeadm of this version will ask for, by its own word. */
async function imagesOf(kubernetes: string): Promise<readonly string[]> {
  const list = await run([
    join(kubernetes, 'kubeadm'),
    'config',
    'images',
    'list',
    '--kubernetes-version',
    KUBERNETES_VERSION,
  ]);
  return list.trim().split('\n');
}

function imageKey(parts: NodeParts): string {
  const recipes = ['node-image.ts', 'node-root.ts', 'oci-archive.ts'].map(name =>
    readFileSync(join(import.meta.dirname, name), 'utf8'),
  );
  // The folders of the components are named after their content.
  return contentKey({ folders: [files], texts: [...recipes, parts.kubernetes, parts.etcd, parts.pause] });
}
