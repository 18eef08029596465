import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { statusVerb } from '../../src/cli/status.ts';
import { workerResult, type WorkerResult } from '../../src/work/contract.ts';
import { terminationMessage } from '../../src/work/termination-message.ts';
import { aCommandLine } from '../support/real/a-command-line.ts';
import { aRepository, bytesOfPath, type TestRepository } from '../support/real/a-repository.ts';
import { aVersion, type IndexedVersion } from '../support/real/an-indexed-version.ts';
import { fileKinds, kindsAttributes, kindsMaxFileBytes, type FileKind } from '../support/objects/file-kinds.ts';
import { expectedTree, indexedTree, type FileSaid } from '../support/checks/indexed-tree.ts';
import type { DumpedDocument } from '../support/checks/version-dump.ts';
import { onEveryEngine } from './engines.ts';

const selection = { include: [], exclude: [], maxFileBytes: kindsMaxFileBytes };
const kinds = Object.keys(fileKinds) as FileKind[]; // the keys of a constant object are its type's
const files = new Map(kinds.map((kind, i) => [kind, fileKinds[kind](`mark-${i}`)]));

describe('a file in a tree', () => {
  let folder: string;
  let repository: TestRepository;
  let commit: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reindeer-canary-'));
    writeFileSync(join(folder, 'secret'), 'c4nary of this machine\n');
    repository = await aRepository();
    commit = await repository.commit({
      ...Object.fromEntries([...files.values()].map(({ path, change }) => [path, change])),
      '.gitattributes': kindsAttributes,
      'links/canary': { link: join(folder, 'secret') },
    });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
    repository.remove();
  });

  it('has its reason for being skipped on the page that explains them', () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'files.md'), 'utf8');
    const explained = [...page.matchAll(/^\| `([a-z-]+)`/gm)].map(([, reason]) => reason);
    const reasons = [...files.values()].flatMap(({ expected }) => (expected.is === 'skipped' ? [expected.reason] : []));
    expect(new Set(explained)).toEqual(new Set(reasons));
  });

  onEveryEngine(bench => {
    let version: IndexedVersion;
    let documents: readonly DumpedDocument[];
    let found: ReadonlyMap<string, FileSaid>;
    let result: WorkerResult;
    beforeEach(async () => {
      version = await aVersion(bench().engine, bench().prefix);
      ({ result } = await version.run(repository.path, commit, { input: { selection } }));
      documents = await version.dump();
      found = indexedTree(documents);
    });

    it('is indexed with its text, or skipped with a reason, whatever kind it is', async () => {
      const expected = new Map([...files.values()].map(file => [file.path, file.expected]));
      const git = await expectedTree(repository, commit, expected);
      const table = kinds.map(kind => {
        const path = bytesOfPath(files.get(kind)?.path ?? '').toString('latin1');
        return { kind, said: found.get(path), asGitHasIt: git.get(path) };
      });
      for (const { kind, said, asGitHasIt } of table) expect({ kind, said }).toEqual({ kind, said: asGitHasIt });
      expect(found.size).toBe(git.size);
    });

    it('is counted by reason in the outcome of the run and in `reindeer status`', async () => {
      const reasons = [...files.values()].flatMap(({ expected }) =>
        expected.is === 'skipped' ? [expected.reason] : [],
      );
      const counts: Record<string, number> = { symlink: 1 };
      for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
      expect(result).toMatchObject({ outcome: 'succeeded', skips: counts, files: { skipped: total } });
      expect(workerResult.parse(JSON.parse(terminationMessage(result)))).toEqual(result);
      const said = await statusOf(version);
      expect(said).toContain(`${total} of them skipped`);
      for (const [reason, count] of Object.entries(counts)) expect(said).toContain(`${count} ${reason}`);
    });

    it('is never a way out of the repository: no link is followed', () => {
      expect(found.get('links/canary')).toMatchObject({ is: 'skipped', reason: 'symlink' });
      expect(JSON.stringify(documents)).not.toContain('c4nary');
    });

    async function statusOf({ alias, settings }: IndexedVersion): Promise<string> {
      await settings.changeAlias(alias, record => ({ ...record, live: 1 }));
      const cli = aCommandLine(bench().engine, bench().prefix);
      await statusVerb({ ...cli, settings }, alias);
      return cli.said.join('\n');
    }
  });
});
