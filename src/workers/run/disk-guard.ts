import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TerminalError } from '../../domain/errors.ts';
import type { Clock } from '../../runtime/clock.ts';

/** A fast line brings some 100 MB in this time, which the part that is kept free must hold. */
const lookEveryMs = 1000;
/** Kept free, so that the run ends by itself and says why before the kubelet evicts the pod. */
const spareShare = 0.1;

export type DiskGuard = {
  /** What the run keeps; everything below counts. */
  readonly folder: string;
  /** What the pod may keep on disk, in bytes; 0 = not known, and then nothing is watched. */
  readonly limitBytes: number;
  readonly clock: Clock;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** Told once, with TerminalError(RepositoryTooLarge), when nine tenths of the limit are used. */
  readonly onFull: (error: TerminalError) => void;
};

/** Looks every second at how much a run keeps on disk, until it is too much or the signal ends it. */
export async function guardDisk({ folder, limitBytes, clock, signal, onFull }: DiskGuard): Promise<void> {
  if (limitBytes === 0) return;
  while (!signal.aborted) {
    const bytes = await bytesBelow(folder);
    if (bytes > limitBytes * (1 - spareShare)) {
      onFull(new TerminalError('RepositoryTooLarge', problem(bytes, limitBytes)));
      return;
    }
    await clock.sleep(lookEveryMs, signal);
  }
}

function problem(bytes: number, limitBytes: number): string {
  const [used, limit] = [bytes, limitBytes].map(count => `${Math.ceil(count / 1024 ** 2)} MiB`);
  return `the repository takes ${used} on disk, of ${limit} that the pod has: raise ephemeral-storage in its resources`;
}

/** Git makes and renames files while it is looked at: what is gone meanwhile counts nothing. */
async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries.map(async entry => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return bytesBelow(path);
      return stat(path).then(
        ({ size }) => size,
        () => 0,
      );
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
