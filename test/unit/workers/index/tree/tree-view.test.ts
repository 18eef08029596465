import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLocal } from '../../../../../src/git/local.ts';
import { viewTree } from '../../../../../src/workers/index/tree/tree-view.ts';
import { aRepository, type TestRepository } from '../../../../support/real/a-repository.ts';

const rules = '*.gen linguist-generated\nthird/** linguist-vendored\n';
const marked = `\ufeff${rules}`;
const swapped = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

describe('a file of attributes', () => {
  let repository: TestRepository;
  let folder: string;
  beforeAll(async () => {
    repository = await aRepository();
    folder = mkdtempSync(join(tmpdir(), 'reindeer-view-'));
  });
  afterAll(() => {
    repository.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What becomes of each file of a commit in which `at` holds this. */
  async function judged(at: string, content: Buffer): Promise<Readonly<Record<string, string>>> {
    const files = {
      'a.gen': 'a\n',
      'a.txt': 'a\n',
      'third/a.txt': 'a\n',
      'lib/a.gen': 'a\n',
      'lib/third/a.txt': 'a\n',
    };
    const commit = await repository.rewrite({ ...files, [at]: content });
    const view = await viewTree(await openLocal({ path: repository.path, commit, folder }), commit, {
      maxFileBytes: 1000,
    });
    const each: Record<string, string> = {};
    for await (const entries of view.entries())
      for (const { path, mode, attributes } of entries)
        each[path.toString()] = view.select(path.toString(), mode, attributes);
    return each;
  }

  const ofTheRoot = { 'a.gen': 'generated', 'lib/a.gen': 'generated', 'third/a.txt': 'vendored', 'a.txt': 'read' };
  const ofItsFolder = {
    'a.gen': 'read',
    'lib/a.gen': 'generated',
    'third/a.txt': 'read',
    'lib/third/a.txt': 'vendored',
  };

  it.each([
    ['plain', Buffer.from(rules)],
    ['UTF-8 with a mark', Buffer.from(marked)],
    ['UTF-16', Buffer.from(marked, 'utf16le')],
    ['UTF-16 big-endian', swapped(marked)],
    ['UTF-16 with line ends of Windows', Buffer.from(marked.replaceAll('\n', '\r\n'), 'utf16le')],
    ['with a lone CR as line end', Buffer.from(rules.replaceAll('\n', '\r'))],
    ['without a line end', Buffer.from(rules.trimEnd())],
  ])('is read, %s, from its first line to its last, in the root and below', async (_what, content) => {
    expect(await judged('.gitattributes', content)).toMatchObject(ofTheRoot);
    expect(await judged('lib/.gitattributes', content)).toMatchObject(ofItsFolder);
  });

  it('whose mark promises UTF-16 in vain says nothing', async () => {
    const broken = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`${rules}x`)]);
    expect(await judged('.gitattributes', broken)).toMatchObject({ 'a.gen': 'read', 'third/a.txt': 'read' });
  });
});
