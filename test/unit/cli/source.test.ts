import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withSource } from '../../../src/cli/source.ts';
import { aRepository, type TestRepository } from '../../support/real/a-repository.ts';

let origin: TestRepository;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reindeer-source-'));
  origin = await aRepository();
  await origin.commit({ 'packages/core/a.ts': 'a\n' });
  await origin.git('clone', '--quiet', origin.path, join(folder, 'tree'));
});
afterAll(() => {
  origin.remove();
  rmSync(folder, { recursive: true });
});

const commitIn = async (repository: string): Promise<string> =>
  withSource(
    { repository, branch: '', credentials: {}, signal: new AbortController().signal },
    async source => source.commit,
  );

describe('the repository that `reindeer index` is given', () => {
  it('is read where its work tree begins', async () => {
    expect(await commitIn(join(folder, 'tree'))).toMatch(/^[0-9a-f]{40}$/);
  });

  it('is named, with the option for one folder, when that folder is given instead', async () => {
    const tree = join(folder, 'tree');
    const path = join(tree, 'packages', 'core');
    await expect(commitIn(path)).rejects.toMatchObject({
      name: 'UsageError',
      message: `${path} is no repository, it is a folder of ${tree}: index that one, or of it only this folder with ${tree}:ALIAS --path packages/core`,
    });
  });

  it('is said to be missing where nothing is, and to be none where no repository is around', async () => {
    await expect(commitIn(join(folder, 'nowhere'))).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining('nowhere does not exist'),
    });
    mkdirSync(join(folder, 'plain'));
    await expect(commitIn(join(folder, 'plain'))).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining('plain is not a Git repository'),
    });
  });
});
