import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { cached, contentKey } from '../../test/bed/cache.ts';
import { run } from '../../test/bed/command.ts';
import { below, seededRandom, type Random } from '../harness/random.ts';
import { languages, type Language } from './text.ts';

/** A bare repository with one commit whose files are large: for what grows with bytes, not with files. */
export type LargeRepository = {
  readonly path: string;
  readonly commit: string;
  readonly files: number;
  /** Bytes of all files. */
  readonly bytes: number;
};

const seed = 20260102;
const charactersPerFile = 53_000;
/** Blocks are made once and put together anew for each file: a gigabyte of fresh ones would take minutes. */
const blocksPerLanguage = 400;
const filesPerFolder = 40;
const who = 'Bench <bench@example.org> 1767225600 +0000';

/** Made once per size and kept outside of the checkout; the same everywhere. */
export async function largeRepository(files: number): Promise<LargeRepository> {
  const key = contentKey({ folders: [import.meta.dirname], texts: [String(files), String(seed)] });
  const folder = await cached(`bench-large-${files}`, key, async unfinished => generate(unfinished, files));
  const known = JSON.parse(readFileSync(join(folder, 'known.json'), 'utf8')) as Omit<LargeRepository, 'path'>;
  return { ...known, path: join(folder, 'repository.git') };
}

async function generate(folder: string, files: number): Promise<void> {
  const path = join(folder, 'repository.git');
  await run(['git', 'init', '--quiet', '--bare', '--initial-branch=main', path]);
  const importing = ['-C', path, '-c', 'core.compression=1', 'fast-import', '--quiet', '--depth=0'];
  const importer = spawn('git', importing, { stdio: ['pipe', 'inherit', 'inherit'] });
  let bytes = 0;
  const write = async (text: string): Promise<void> => {
    if (!importer.stdin.write(text)) await once(importer.stdin, 'drain');
  };
  await write(`commit refs/heads/main\ncommitter ${who}\ndata 4\nbase\n`);
  for (const { name, text } of largeFiles(files)) {
    const size = Buffer.byteLength(text);
    bytes += size;
    await write(`M 100644 inline ${name}\ndata ${size}\n${text}\n`);
  }
  importer.stdin.end('\ndone\n');
  const [status] = (await once(importer, 'close')) as [number | null];
  if (status !== 0) throw new Error(`git fast-import ended with ${status ?? 'a signal'}`);
  const commit = (await run(['git', '-C', path, 'rev-parse', 'main'])).trim();
  writeFileSync(join(folder, 'known.json'), JSON.stringify({ files, bytes, commit }));
}

function* largeFiles(files: number): Generator<{ readonly name: string; readonly text: string }> {
  const random = seededRandom(seed);
  const pools = languages.map(language => ({ language, blocks: blocksOf(random, language) }));
  for (let at = 0; at < files; at += 1) {
    const pool = pools[below(random, pools.length)] as (typeof pools)[number]; // below the length
    const lines: string[] = [];
    for (let length = 0; length < charactersPerFile;) {
      const block = pool.blocks[below(random, pool.blocks.length)] ?? '';
      lines.push(block);
      length += block.length + 1;
    }
    const folder = String(Math.floor(at / filesPerFolder)).padStart(4, '0');
    yield { name: `large/${folder}/file-${at}.${pool.language.extension}`, text: `${lines.join('\n')}\n` };
  }
}

function blocksOf(random: Random, language: Language): readonly string[] {
  return Array.from({ length: blocksPerLanguage }, () => language.block(random).join('\n'));
}
