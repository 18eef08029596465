import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bed } from './bed.ts';
import { run } from './command.ts';

/** What containerd starts every pod with; no registry has it. */
export const PAUSE_IMAGE = 'bed.invalid/pause:1';

/** Packs the pause program alone into an image and answers the archive that containerd imports. */
export async function packPauseImage(bed: Bed): Promise<string> {
  const folder = join(bed.home, 'pause-image');
  mkdirSync(join(folder, 'root'), { recursive: true });
  mkdirSync(join(folder, 'image', 'blobs', 'sha256'), { recursive: true });
  copyFileSync(join(bed.components.pause, 'pause'), join(folder, 'root', 'pause'));
  await run(['tar', '--directory', join(folder, 'root'), '-cf', join(folder, 'layer.tar'), 'pause']);
  writeImage(join(folder, 'image'), readFileSync(join(folder, 'layer.tar')));
  const archive = join(folder, 'pause.tar');
  await run(['tar', '--directory', join(folder, 'image'), '-cf', archive, 'oci-layout', 'index.json', 'blobs']);
  return archive;
}

type Descriptor = { readonly mediaType: string; readonly digest: string; readonly size: number };

function writeImage(folder: string, layer: Buffer): void {
  const add = (mediaType: string, content: Buffer): Descriptor => {
    const hex = createHash('sha256').update(content).digest('hex');
    writeFileSync(join(folder, 'blobs', 'sha256', hex), content);
    return { mediaType, digest: `sha256:${hex}`, size: content.length };
  };
  const addJson = (mediaType: string, value: object): Descriptor => add(mediaType, Buffer.from(JSON.stringify(value)));
  const layerDescriptor = add('application/vnd.oci.image.layer.v1.tar', layer);
  const config = addJson('application/vnd.oci.image.config.v1+json', {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Entrypoint: ['/pause'], User: '65535:65535' },
    // Uncompressed, so the layer's own digest is that of its content too.
    rootfs: { type: 'layers', diff_ids: [layerDescriptor.digest] },
  });
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = addJson(manifestType, {
    schemaVersion: 2,
    mediaType: manifestType,
    config,
    layers: [layerDescriptor],
  });
  const annotations = { 'io.containerd.image.name': PAUSE_IMAGE };
  writeFileSync(
    join(folder, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
  );
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}
