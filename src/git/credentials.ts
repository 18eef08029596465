import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { credentialsFrom, type GitCredentials, gitSecretKeys } from '../domain/git-credentials.ts';

/** Credentials out of a folder that holds one file per key, as a mounted Secret does; '' = none. */
export async function readCredentials(folder: string): Promise<GitCredentials> {
  if (folder === '') return {};
  const values = new Map<string, string>();
  for (const key of gitSecretKeys) {
    const text = await readFile(join(folder, key), 'utf8').catch(missingIsUndefined);
    if (text !== undefined) values.set(key, text);
  }
  return credentialsFrom(key => values.get(key));
}

function missingIsUndefined(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
