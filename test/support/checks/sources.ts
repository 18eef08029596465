import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A source file as it stands somewhere. */
export type SourceFile = { readonly name: string; readonly text: string };

const samples = join(import.meta.dirname, 'sources');
const checkout = join(import.meta.dirname, '..', '..', '..');

/** One short file for each language, with what its grammar has to offer. Kept as `.txt`: they are nobody's code. */
export function sampleSources(): readonly SourceFile[] {
  return readdirSync(samples)
    .sort()
    .map(name => ({ name: name.replace(/\.txt$/, ''), text: readFileSync(join(samples, name), 'utf8') }));
}

/** Files that people wrote, of every language that the installed packages and this repository hold. */
export function realSources(): readonly SourceFile[] {
  const folders = [
    'src/workers',
    'docs',
    'node_modules/tree-sitter-c/bindings',
    'node_modules/tree-sitter-c/src/tree_sitter',
  ].concat(['node_modules/picomatch', 'node_modules/commander', 'node_modules/web-tree-sitter']);
  const files = folders.flatMap(folder =>
    readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' }).map(file => join(folder, file)),
  );
  const wanted = files.filter(file => /\.(?:ts|js|cjs|py|go|rs|c|cc|h|md)$/.test(file)).sort();
  return wanted.map(name => ({ name, text: readFileSync(join(checkout, name), 'utf8') }));
}
