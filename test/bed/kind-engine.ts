import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, run } from './command.ts';
import { buildImage, imageName, REPOSITORY } from './image.ts';
import { kernelSettingsKept } from './kernel-settings.ts';
import { thisBed } from './which-bed.ts';

/** How a bed of kind reaches its Docker engine; written into its folder, so that its end needs no other record. */
export type KindEngine = {
  /** The bed started it, and it ends with the bed's processes. */
  readonly isOwn: boolean;
  /** The program `kind`. */
  readonly kind: string;
  /** For `docker` and `kind`. */
  readonly env: Readonly<Record<string, string>>;
};

export const CLUSTER = thisBed().name;
export const NODE = `${CLUSTER}-control-plane`;
const checkout = join(import.meta.dirname, '..', '..');

export async function docker(engine: KindEngine, ...args: readonly string[]): Promise<string> {
  return run(['docker', ...args], { env: engine.env });
}

export async function kind(engine: KindEngine, ...args: readonly string[]): Promise<string> {
  return run([engine.kind, ...args, '--name', CLUSTER], { env: engine.env });
}

export function keepEngine(home: string, engine: KindEngine): KindEngine {
  mkdirSync(join(home, 'kind'), { recursive: true });
  writeFileSync(engineFile(home), JSON.stringify(engine));
  return engine;
}

/** The engine of the bed in that folder; undefined when it is none of kind, or not even that was written. */
export function engineOf(home: string): KindEngine | undefined {
  try {
    return JSON.parse(readFileSync(engineFile(home), 'utf8')) as KindEngine;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Takes the cluster out of a Docker engine that is the machine's; one of the bed's own ends with its processes. Puts the
 * settings back first that the node's kubelet made for the whole machine: only the node has the right to, perhaps.
 */
export async function removeCluster(home: string): Promise<void> {
  const engine = engineOf(home);
  if (engine === undefined || engine.isOwn) return;
  await attempt(['docker', 'exec', NODE, 'systemctl', 'stop', 'kubelet'], engine.env);
  for (const [name, value] of Object.entries(kernelSettingsKept(home))) {
    await attempt(['docker', 'exec', NODE, 'sysctl', '-w', `${name.replaceAll('/', '.')}=${value.trim()}`], engine.env);
  }
  await kind(engine, 'delete', 'cluster');
  await removeImages(engine, []);
}

/** Gives the node this checkout's image, unless it has it, and answers the image's name. */
export async function loadOwnImage(home: string, engine: KindEngine): Promise<string> {
  const name = imageName();
  if (await nodeHas(engine, name)) return name;
  if (engine.isOwn) {
    const { tar } = await buildImage();
    await kind(engine, 'load', 'image-archive', tar);
    return name;
  }
  // Attestations carry the time: with them every build would be another image.
  const env = { ...engine.env, BUILDX_NO_DEFAULT_ATTESTATIONS: '1' };
  await run(['docker', 'build', '--quiet', '--tag', name, checkout], { env });
  await loadImage(home, engine, name);
  await removeImages(engine, [name]);
  return name;
}

/** Gives the node an image of the engine, by an archive: `kind load docker-image` does not cope with every image store. */
export async function loadImage(home: string, engine: KindEngine, name: string): Promise<void> {
  if (await nodeHas(engine, name)) return;
  const archive = join(home, 'kind', 'image.tar');
  const platform = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;
  // Of an image for many platforms only one was pulled; an older Docker neither knows the option nor needs it.
  const saved = await attempt(['docker', 'save', '--platform', platform, '--output', archive, name], engine.env);
  if (saved === undefined) await docker(engine, 'save', '--output', archive, name);
  await kind(engine, 'load', 'image-archive', archive);
  rmSync(archive);
}

async function nodeHas(engine: KindEngine, image: string): Promise<boolean> {
  const list = await docker(engine, 'exec', NODE, 'ctr', '--namespace', 'k8s.io', 'images', 'list', '--quiet');
  return list.split('\n').includes(image);
}

/** Each has some 350 MB. */
async function removeImages(engine: KindEngine, but: readonly string[]): Promise<void> {
  const format = '{{.Repository}}:{{.Tag}}';
  const names = (await docker(engine, 'image', 'ls', '--format', format, REPOSITORY)).split('\n').filter(Boolean);
  const older = names.filter(name => !but.includes(name));
  if (older.length > 0) await docker(engine, 'image', 'rm', ...older);
}

function engineFile(home: string): string {
  return join(home, 'kind', 'engine.json');
}
