import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';

/** An image to pack: no registry has it. */
export type OciImage = {
  /** As containerd will know it. */
  readonly name: string;
  /** Uncompressed tar files, the lowest first; images may share them. */
  readonly layers: readonly string[];
  /** `Entrypoint`, `User`, `Env` and the like. */
  readonly config: object;
};

type Descriptor = { readonly mediaType: string; readonly digest: string; readonly size: number };

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** Writes the images into one archive that containerd imports; `folder` is for what is needed on the way. */
export async function packImages(archive: string, folder: string, images: readonly OciImage[]): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true });
  const known = new Map<string, Descriptor>();
  const layer = (file: string): Descriptor => {
    const found = known.get(file) ?? addBlob(folder, 'application/vnd.oci.image.layer.v1.tar', readFileSync(file));
    known.set(file, found);
    return found;
  };
  const manifests = images.map(image => addImage(folder, image, image.layers.map(layer)));
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await run(['tar', '--directory', folder, '-cf', archive, 'oci-layout', 'index.json', 'blobs']);
  rmSync(folder, { recursive: true });
}

/** Packs a folder into a layer: equal content makes an equal file, and everything in it belongs to root. */
export async function packLayer(file: string, root: string): Promise<void> {
  const equal = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  await run(['tar', ...equal, '--directory', root, '-cf', file, '.']);
}

function addImage(folder: string, image: OciImage, layers: readonly Descriptor[]): object {
  const config = addJson(folder, 'application/vnd.oci.image.config.v1+json', {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: image.config,
    // Uncompressed, so a layer's own digest is that of its content too.
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  });
  const manifest = addJson(folder, MANIFEST, { schemaVersion: 2, mediaType: MANIFEST, config, layers });
  return { ...manifest, annotations: { 'io.containerd.image.name': image.name } };
}

function addJson(folder: string, mediaType: string, value: object): Descriptor {
  return addBlob(folder, mediaType, Buffer.from(JSON.stringify(value)));
}

function addBlob(folder: string, mediaType: string, content: Buffer): Descriptor {
  const hex = createHash('sha256').update(content).digest('hex');
  writeFileSync(join(folder, 'blobs', 'sha256', hex), content);
  return { mediaType, digest: `sha256:${hex}`, size: content.length };
}
