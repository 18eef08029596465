import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { baseImage, hasBaseImage } from './base-image.ts';
import { cacheFolder, cached, isCached } from './cache.ts';
import { attempt, run } from './command.ts';
import { lockHolder, withLock } from './lock.ts';

export const REPOSITORY = 'reindeer.dev/reindeer';
const BASE_REPOSITORY = 'localhost/reindeer-base';
/** Archives of older contents that stay: going back and forth between two states of the source builds nothing. */
const KEPT_ARCHIVES = 3;
/** Stages of the Dockerfile that do not depend on src: they get names, so that clean-up leaves their layers alone. */
const LASTING_STAGES = ['runtime', 'tools'] as const;

const checkout = join(import.meta.dirname, '..', '..');
/** What .dockerignore lets into the build, and the two files that say how it goes. */
const INPUTS = [
  'Dockerfile',
  '.dockerignore',
  '.npmrc',
  'LICENSE',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'scripts/build.ts',
  'scripts/bundle.ts',
  'src',
] as const;

/** An image as containerd imports it: `ctr -n k8s.io images import {tar}`. */
export type BuiltImage = { readonly name: string; readonly tar: string };

/** Name of the image of this checkout as it is now, whoever builds it. */
export function imageName(): string {
  return `${REPOSITORY}:${imageTag()}`;
}

/** What `buildImage` will do, for people. */
export function imageTitle(): string {
  if (isCached('image', imageTag())) return `image ${imageName()} from the cache`;
  const needs = hasBaseImage() ? 'after a change of source: 10 seconds' : 'cold, with a base by debootstrap: 2 minutes';
  return `building the image ${imageName()} with buildah (${needs})`;
}

/**
 * The image of this checkout, built from its Dockerfile unless the cache has one of the same content. Its tag is
 * `{version}-{hash of everything that goes in}`, so that a node never mistakes one content for another. Needs root.
 */
export async function buildImage(): Promise<BuiltImage> {
  const name = imageName();
  const folder = await cached('image', imageTag(), folder => alone(() => build(name, join(folder, 'image.tar'))));
  return { name, tar: join(folder, 'image.tar') };
}

/**
 * The image of another release by the Dockerfile in `sources`, kept under its tag, which stands for one content. Needs root.
 */
export async function buildImageOf(sources: string, tag: string): Promise<BuiltImage> {
  const name = `${REPOSITORY}:${tag}`;
  const folder = await cached('image-of', tag, folder =>
    alone(async () => {
      const { bud, buildah } = await openBuild();
      await run([...bud, '--tag', name, sources]);
      await run([...buildah, 'push', '--quiet', name, archiveOf(join(folder, 'image.tar'), name)]);
      // It is built once: its layers would lie in the store for nothing.
      await run([...buildah, 'rmi', name]);
      await attempt([...buildah, 'rmi', '--prune']);
    }),
  );
  return { name, tar: join(folder, 'image.tar') };
}

/** One build at a time: the store's layers are shared, and cleaning up must not meet another build. */
async function alone(work: () => Promise<void>): Promise<void> {
  await withLock(join(cacheFolder(), 'image-build.lock'), work);
}

async function build(name: string, tar: string): Promise<void> {
  const { bud, buildah, base } = await openBuild();
  for (const stage of LASTING_STAGES)
    await run([...bud, '--target', stage, '--tag', `reindeer-stage-${stage}`, checkout]);
  await run([...bud, '--tag', name, checkout]);
  await run([...buildah, 'push', '--quiet', name, archiveOf(tar, name)]);
  await removeOlderImages(buildah, [name, base.name]);
  removeOlderFolders(base.key);
}

/** The command lines of the store and of a build in it, up to what is built; the base is in the store. */
async function openBuild() {
  const base = await baseImage();
  const buildah = await openStore();
  // Left by a build that failed or was killed; nobody else works in this store.
  await run([...buildah, 'rm', '--all']);
  const baseName = `${BASE_REPOSITORY}:${base.key}`;
  await importBase(buildah, baseName, base.tar);
  const npmCache = (await run(['npm', 'config', 'get', 'cache'])).trim();
  mkdirSync(npmCache, { recursive: true });
  // Time 0 makes equal content an equal image, and lets the layers of an earlier build serve.
  const options = ['--layers', '--isolation', 'chroot', '--network', 'host', '--pull-never', '--timestamp', '0'];
  const inputs = ['--build-arg', `BASE=${baseName}`, '--volume', `${npmCache}:/root/.npm`];
  const bud = [...buildah, 'bud', ...options, ...inputs];
  return { buildah, bud, base: { key: base.key, name: baseName } };
}

function archiveOf(tar: string, name: string): string {
  return `docker-archive:${tar}:${name}`;
}

/** The command line up to the verb: a store of our own in the cache, on the quickest driver that works here. */
async function openStore(): Promise<readonly string[]> {
  const store = (driver: string): readonly string[] => {
    const folder = join(cacheFolder(), `buildah-${driver}`);
    // In a mount namespace of its own: a build that fails or is killed leaves no mount on the machine.
    const buildah = ['unshare', '--mount', 'buildah'];
    return [...buildah, '--storage-driver', driver, '--root', join(folder, 'root'), '--runroot', join(folder, 'run')];
  };
  // Where overlay cannot be mounted (inside a container, say), whole copies of every layer do.
  const overlay = store('overlay');
  return (await attempt([...overlay, 'images'])) === undefined ? store('vfs') : overlay;
}

async function importBase(buildah: readonly string[], name: string, tar: string): Promise<void> {
  if ((await attempt([...buildah, 'inspect', '--type', 'image', name])) !== undefined) return;
  const container = (await run([...buildah, 'from', 'scratch'])).trim();
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  await run([...buildah, 'add', '--quiet', container, tar, '/']);
  await run([...buildah, 'config', '--env', path, container]);
  await run([...buildah, 'commit', '--quiet', '--rm', container, name]);
}

/** Otherwise every change of source would leave its layers in the store. */
async function removeOlderImages(buildah: readonly string[], current: readonly string[]): Promise<void> {
  const names = (await run([...buildah, 'images', '--format', '{{.Name}}:{{.Tag}}'])).split('\n');
  const ours = names.filter(name => name.startsWith(`${REPOSITORY}:`) || name.startsWith(`${BASE_REPOSITORY}:`));
  const older = ours.filter(name => !current.includes(name));
  if (older.length > 0) await run([...buildah, 'rmi', ...older]);
  await attempt([...buildah, 'rmi', '--prune']);
}

/** All but the newest archives, and bases other than the current one: each of them has some 300 MB. */
function removeOlderFolders(baseKey: string): void {
  const entries = readdirSync(cacheFolder());
  const archives = entries
    .filter(entry => /^image-\d.*-[0-9a-f]{12}$/.test(entry))
    .map(entry => ({ entry, changedMs: statSync(join(cacheFolder(), entry)).mtimeMs }))
    .sort((one, other) => other.changedMs - one.changedMs)
    .map(({ entry }) => entry);
  const bases = entries.filter(entry => /^base-image-[0-9a-f]{12}$/.test(entry) && entry !== `base-image-${baseKey}`);
  for (const entry of [...archives.slice(KEPT_ARCHIVES - 1), ...bases, ...abandoned()]) {
    rmSync(join(cacheFolder(), entry), { recursive: true, force: true });
  }
}

/** Folders of builds that failed or were killed: unfinished, with nobody alive who would finish them. */
function abandoned(): readonly string[] {
  const unfinished = readdirSync(cacheFolder()).filter(entry => /^image-\d.*\.unfinished$/.test(entry));
  return unfinished.filter(entry => {
    const lock = join(cacheFolder(), entry.replace(/\.unfinished$/, '.lock'));
    return lockHolder(lock) === undefined;
  });
}

/** `{version}-{12 hex digits}` of everything that goes into the image. */
function imageTag(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));
  const { version } = manifest as { readonly version: string };
  const hash = createHash('sha256').update(readFileSync(join(import.meta.dirname, 'base-image.ts')));
  for (const file of INPUTS.flatMap(filesOf)) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(checkout, file)))
      .update('\0');
  }
  return `${version}-${hash.digest('hex').slice(0, 12)}`;
}

function filesOf(input: string): readonly string[] {
  if (!statSync(join(checkout, input)).isDirectory()) return [input];
  const inside = readdirSync(join(checkout, input), { recursive: true, withFileTypes: true });
  return inside
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(checkout.length + 1))
    .sort();
}
