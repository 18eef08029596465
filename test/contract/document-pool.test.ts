import { afterEach, describe, expect, it } from '@jest/globals';
import type { DocumentPool } from '../../src/workers/index/documents/document-pool.ts';
import type { FileDocuments } from '../../src/workers/index/documents/documents.ts';
import { aContext, aDocumentPool, anEntry, sourcesOf } from '../support/objects/a-document-pool.ts';

const open: DocumentPool[] = [];
const aPool = (given: Parameters<typeof aDocumentPool>[0] = {}): DocumentPool => {
  const pool = aDocumentPool(given);
  open.push(pool);
  return pool;
};

afterEach(async () => {
  for (const pool of open.splice(0)) await pool.close();
});

const good = Buffer.from('export function one(): number {\n  return 1;\n}\n');
const make = async (pool: DocumentPool, filePath: string, text: Buffer | string) =>
  pool.make(aContext, anEntry(filePath), Buffer.from(text));
const parserOf = (documents: FileDocuments): unknown => sourcesOf(documents).at(-1)?.['parser'];

/** Deep enough to exhaust the stack of the grammar's program: real traps. */
const deep = (part: string): string => `${part.repeat(10)}\n`.repeat(2000);

describe('documents made in threads', () => {
  it('are cut by a grammar, or as the file asks for', async () => {
    const pool = aPool();
    const made = await Promise.all([
      make(pool, 'a.ts', good),
      make(pool, 'b.md', '# One\n\ntext\n'),
      make(pool, 'c.txt', 'text\n'),
      make(pool, 'd.ts', Buffer.from([0, 1, 2])),
    ]);
    expect(made.map(parserOf)).toEqual(['tree-sitter', 'headings', 'lines', undefined]);
    expect(made.map(({ state, fellBack }) => [state, fellBack])).toEqual([
      ['indexed', false],
      ['indexed', false],
      ['indexed', false],
      ['skipped', false],
    ]);
    expect(sourcesOf(made[0])[0]).toMatchObject({ symbols: [{ name: 'one', kind: 'function', line: 1 }], kind: 'function' });
  }); // prettier-ignore

  it('are the same from every thread, whatever it did before', async () => {
    const files = Array.from({ length: 24 }, (_, i) => [`f${i % 8}.ts`, `const a${i % 8} = ${i % 8};\n`.repeat(300)] as const);
    const pool = aPool();
    const made = await Promise.all(files.map(async ([path, text]) => make(pool, path, text)));
    const alone = aPool({ size: 1 });
    for (const [i, [path, text]] of files.slice(0, 8).entries()) {
      const expected = sourcesOf(await make(alone, path, text));
      for (const other of [made[i], made[i + 8], made[i + 16]]) expect(sourcesOf(other!)).toEqual(expected);
    }
  }); // prettier-ignore

  it.each(['if(a){', 'f(x=>', '{a:'])('fall back to lines for a file that brings the grammar down, and no other: %j', async part => {
    const pool = aPool({ size: 1 });
    const made = await Promise.all([
      make(pool, 'before.ts', good),
      make(pool, 'deep.ts', deep(part)),
      make(pool, 'after.ts', good),
    ]);
    const sources = made.map(sourcesOf);
    expect(sources.map(each => each.at(-1)?.['parser'])).toEqual(['tree-sitter', 'lines', 'tree-sitter']);
    expect(made.map(documents => documents.fellBack)).toEqual([false, true, false]);
    const contents = sources[1]?.map(source => (source['content'] as string | undefined) ?? '') ?? [];
    expect(contents.join('') === deep(part)).toBe(true);
  }); // prettier-ignore

  it('fall back to lines for a file that a thread never gets done with, by CPU time', async () => {
    const program = `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => { for (;;); });`;
    const pool = aPool({ program, cpuSecondsPerFile: 0.2 });
    const made = await make(pool, 'a.ts', good);
    expect([parserOf(made), made.fellBack]).toEqual(['lines', true]);
  });

  it('fall back to lines for a file that takes more memory than a thread may', async () => {
    const program = `import { parentPort } from 'node:worker_threads';
      parentPort.on('message', () => { const kept = []; for (;;) kept.push(new Array(1e5).fill({})); });`;
    const made = await make(aPool({ program }), 'a.ts', good);
    expect([parserOf(made), made.fellBack]).toEqual(['lines', true]);
  });

  it.each([
    ['throws', `throw new Error('no such thing')`, 'no such thing'],
    ['ends', `process.exit(0)`, 'ended by itself'],
    ['answers with an error', `import { parentPort } from 'node:worker_threads';
      parentPort.on('message', () => parentPort.postMessage({ is: 'failed', message: 'a.ts: a bug' }));`, 'a.ts: a bug'],
  ])('are refused when the program of the threads %s: that is no property of a file', async (_, program, message) => {
    await expect(make(aPool({ program }), 'a.ts', good)).rejects.toThrow(message);
  }); // prettier-ignore

  it('are not waited for when the run is stopped', async () => {
    const stopping = new AbortController();
    const program = `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => { for (;;); });`;
    const pool = aPool({ program, signal: stopping.signal });
    const made = make(pool, 'a.ts', good);
    stopping.abort(new Error('asked to stop'));
    await expect(made).rejects.toThrow('asked to stop');
    await expect(make(pool, 'b.ts', good)).rejects.toThrow('asked to stop');
  });

  it('come from a fresh thread after one that took too much memory', async () => {
    const statements = Buffer.from('a=1;\n'.repeat(80_000));
    const pool = aPool({ size: 1 });
    for (const name of ['a.ts', 'b.ts']) expect(parserOf(await make(pool, name, statements))).toBe('tree-sitter');
  }); // prettier-ignore
});
