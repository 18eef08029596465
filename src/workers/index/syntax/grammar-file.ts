import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { GrammarFile } from '../../../domain/grammars.ts';

/** Where the build puts the files, seen from what it made of this one. */
const builtFolder = join(import.meta.dirname, 'grammars');

/** The path of a grammar's file: beside the compiled code, or in the package that it comes from. */
export function grammarPath(wanted: GrammarFile): string {
  const built = join(builtFolder, basename(wanted.file));
  return existsSync(built) ? built : packagedPath(wanted);
}

/** The path of a file in its package, wherever npm put that. Throws when the package is not installed. */
export function packagedPath({ package: name, file }: GrammarFile): string {
  const description = findPackageJSON(name, import.meta.url);
  if (description === undefined) throw new Error(`the package ${name} is not installed`);
  return join(dirname(description), file);
}

/** The bytes of a file, checked: other bytes would cut text in another way under the same name. Throws for those. */
export function readGrammar(wanted: GrammarFile): Buffer {
  const path = grammarPath(wanted);
  const bytes = readFileSync(path);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === wanted.sha256) return bytes;
  throw new Error(`${path} is not the grammar that this program was made for: sha256 ${found}, not ${wanted.sha256}`);
}
