import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { grammarFiles, parserRuntime } from '../src/domain/grammars.ts';
import { packagedPath } from '../src/workers/index/syntax/grammar-file.ts';

const checkout = join(import.meta.dirname, '..');

/** What is started by its name: the image's program, the command of package.json, and the threads of a worker. */
const entryPoints = ['src/bin/main.ts', 'src/bin/reindeer.ts', 'src/workers/index/documents/thread.ts'];

/** Packages in CommonJS that were put into a module still ask for those of Node by `require`. */
const banner = "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

/**
 * Puts everything that runs into one flat folder, packages included: hundreds of small files were most of a light Job's
 * start. Programs share what they have in common and load the rest when they are asked for. Nothing is shortened, so that a
 * stack trace says something. Types are not checked here.
 */
export async function bundle(folder: string): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: checkout,
    entryPoints,
    outdir: folder,
    entryNames: '[name]',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    legalComments: 'inline',
    banner: { js: banner },
    metafile: true,
    logLevel: 'warning',
  });
  copyGrammars(join(folder, 'grammars'));
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), licencesOf(Object.keys(metafile.inputs)));
}

/** The packages hold much else; these files are all that is read of them. */
function copyGrammars(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const file of [...Object.values(grammarFiles), parserRuntime]) {
    copyFileSync(packagedPath(file), join(folder, basename(file.file)));
  }
}

/** The licence of every package of which something is in the bundle, as the licences ask for. */
function licencesOf(inputs: readonly string[]): string {
  const bundled = inputs.flatMap(input => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []);
  const grammars = Object.values(grammarFiles).map(file => join('node_modules', file.package));
  return [...new Set([...bundled, ...grammars])].sort().map(licenceOf).join('\n');
}

function licenceOf(packageFolder: string): string {
  const folder = join(checkout, packageFolder);
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license: string;
  };
  const texts = readdirSync(folder).filter(file => /^(?:licen[cs]e|copying|notice)/i.test(file));
  return [`=== ${name} ${version}: ${license}`, ...texts.map(file => readFileSync(join(folder, file), 'utf8'))].join(
    '\n',
  );
}
