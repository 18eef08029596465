import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withLock } from './lock.ts';

/** Where built components are kept, outside of every checkout. */
export function cacheFolder(): string {
  const chosen = process.env['REINDEER_CACHE'];
  if (chosen !== undefined && chosen !== '') return chosen;
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'reindeer');
}

/**
 * The folder `{name}-{key}` of the cache, made once: `make` fills an empty folder, which gets its final name only when
 * it is complete, so neither a kill nor a second caller can leave or see half of it. A second caller waits for the first.
 */
export async function cached(name: string, key: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), `${name}-${key}`);
  if (exists(folder)) return folder;
  mkdirSync(cacheFolder(), { recursive: true });
  await withLock(`${folder}.lock`, async () => {
    if (exists(folder)) return;
    const unfinished = `${folder}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished);
    await make(unfinished);
    renameSync(unfinished, folder);
  });
  return folder;
}

/** Whether `cached` would answer at once. */
export function isCached(name: string, key: string): boolean {
  return exists(join(cacheFolder(), `${name}-${key}`));
}

/** 12 hex digits that change with any of the texts, or with any file directly in the folders. */
export function contentKey(parts: { folders?: readonly string[]; texts?: readonly string[] }): string {
  const hash = createHash('sha256');
  for (const text of parts.texts ?? []) hash.update(text).update('\0');
  for (const folder of parts.folders ?? []) {
    for (const file of readdirSync(folder).sort()) {
      hash
        .update(file)
        .update('\0')
        .update(readFileSync(join(folder, file)));
    }
  }
  return hash.digest('hex').slice(0, 12);
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
