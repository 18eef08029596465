import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where built components and the description of the running bed are kept, outside of every checkout. */
export function cacheFolder(): string {
  const chosen = process.env['REINDEER_CACHE'];
  if (chosen !== undefined && chosen !== '') return chosen;
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'reindeer');
}
