import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../../../src/engine/port.ts';
import type { OwnEngine } from './own-engine.ts';

/** Merges and packed segments come and go within tenths of a second. */
const everyMs = 50;

export type DiskPeak = {
  /** The most that the files of the index took at a time, without the log of writes and with it. */
  stop(): Promise<{ readonly bytes: number; readonly withLogBytes: number }>;
};

/** Watches what an index takes on the disk of an engine of one node, from when it is made on. */
export function watchDisk(node: OwnEngine, engine: Engine, index: string): DiskPeak {
  const stopping = new AbortController();
  const peak = { bytes: 0, withLogBytes: 0 };
  const watching = (async () => {
    let folder: string | undefined;
    while (!stopping.signal.aborted) {
      await sleep(everyMs);
      folder ??= await folderOf(node, engine, index);
      if (folder === undefined) continue;
      const { bytes, logBytes } = bytesIn(folder);
      peak.bytes = Math.max(peak.bytes, bytes);
      peak.withLogBytes = Math.max(peak.withLogBytes, bytes + logBytes);
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await watching;
      return peak;
    },
  };
}

async function folderOf(node: OwnEngine, engine: Engine, index: string): Promise<string | undefined> {
  const [found] = await engine.indices.describe(index);
  const uuid = found?.settings['index.uuid'];
  return uuid === undefined ? undefined : join(node.indicesFolder, uuid);
}

function bytesIn(folder: string) {
  let [bytes, logBytes] = [0, 0];
  for (const file of filesIn(folder)) {
    // Gone since the folder was read.
    const found = statSync(join(folder, file), { throwIfNoEntry: false });
    const size = found?.isFile() ? found.size : 0;
    if (file.includes('translog')) logBytes += size;
    else bytes += size;
  }
  return { bytes, logBytes };
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    // The index is deleted, or a folder of it while it is read.
    return [];
  }
}
