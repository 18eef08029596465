import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bed } from './bed.ts';
import { packImages, packLayer } from './oci-archive.ts';

/** What containerd starts every pod with; no registry has it. */
export const PAUSE_IMAGE = 'bed.invalid/pause:1';
export const PAUSE_CONFIG = { Entrypoint: ['/pause'], User: '65535:65535' };

/** Packs the pause program alone into an image and answers the archive that containerd imports. */
export async function packPauseImage(bed: Bed): Promise<string> {
  const folder = join(bed.home, 'pause-image');
  mkdirSync(join(folder, 'root'), { recursive: true });
  copyFileSync(join(bed.components.pause, 'pause'), join(folder, 'root', 'pause'));
  const layer = join(folder, 'layer.tar');
  await packLayer(layer, join(folder, 'root'));
  const archive = join(folder, 'pause.tar');
  await packImages(archive, join(folder, 'image'), [{ name: PAUSE_IMAGE, layers: [layer], config: PAUSE_CONFIG }]);
  return archive;
}
