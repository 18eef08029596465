import { pathBytes } from '../../../src/workers/index/tree/paths.ts';
import { bytesOfPath, type TestRepository } from '../real/a-repository.ts';
import type { Expected } from '../objects/file-kinds.ts';
import type { DumpedDocument } from './version-dump.ts';

/** What a version, or a tree, says about one file. Paths are one character per byte. */
export type FileSaid = { readonly mode: string; readonly oid: string } & (Expected | { readonly is: 'unknown' });

/** Each file of a version by path, with the text that its chunks make one after another. */
export function indexedTree(documents: readonly DumpedDocument[]): ReadonlyMap<string, FileSaid> {
  const texts = textsOf(documents);
  const files = documents.filter(({ source }) => source['doc'] === 'file');
  return new Map(
    files.map(({ source }) => {
      const filePath = String(source['filePath']);
      const place = { mode: String(source['git_mode']), oid: String(source['git_file_hash']) };
      const said: Expected =
        source['state'] === 'indexed'
          ? {
              is: 'indexed',
              text: texts.get(filePath) ?? '',
              encoding: String(source['encoding']),
              eol: String(source['eol']),
            }
          : { is: 'skipped', reason: String(source['skip_reason']) };
      return [pathBytes(filePath).toString('latin1'), { ...place, ...said }];
    }),
  );
}

function textsOf(documents: readonly DumpedDocument[]): ReadonlyMap<string, string> {
  const chunks = documents.filter(({ source }) => source['doc'] === 'chunk').map(({ source }) => source);
  const texts = new Map<string, string>();
  for (const chunk of chunks.sort((one, other) => Number(one['seq']) - Number(other['seq']))) {
    const filePath = String(chunk['filePath']);
    texts.set(filePath, `${texts.get(filePath) ?? ''}${String(chunk['content'])}`);
  }
  return texts;
}

/**
 * What Git itself says of a commit, with what each file is expected to become: without those that are left out. One that
 * nobody expected is unknown.
 */
export async function expectedTree(
  repository: TestRepository,
  commit: string,
  expected: ReadonlyMap<string, Expected>,
): Promise<ReadonlyMap<string, FileSaid>> {
  const byBytes = new Map([...expected].map(([path, said]) => [bytesOfPath(path).toString('latin1'), said]));
  const entries = await repository.tree(commit);
  const said = entries.map(({ path, mode, oid }): readonly [string, FileSaid] => {
    return [path, { mode, oid, ...(byBytes.get(path) ?? { is: 'unknown' }) }];
  });
  return new Map(said.filter(([, file]) => file.is !== 'left out'));
}
