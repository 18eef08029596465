import { readFile } from 'node:fs/promises';
import { secretText } from '../domain/secret-text.ts';

/** A file of a mounted Secret, or a credential that the command line was given by its path. */
export async function readSecretFile(path: string): Promise<string> {
  return secretText(await readFile(path, 'utf8'));
}
