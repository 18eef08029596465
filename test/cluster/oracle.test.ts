import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Engine } from '../../src/engine/port.ts';
import { settingsOn } from '../../src/registry/settings.ts';
import { run } from '../bed/command.ts';
import { environmentOf } from '../bed/describe.ts';
import { realHistory, type RealHistory } from '../bed/real-history.ts';
import { readBedState, type BedState } from '../bed/state.ts';
import { engineOf } from '../support/real/bed-engine.ts';
import { compiledMain, imageEnvironment } from '../support/real/compiled-main.ts';
import { sampleOf, seed } from '../support/objects/sampled.ts';
import { dumpVersion, leftOutOfComparison } from '../support/checks/dump-version.ts';
import { treeOfCommit } from '../support/checks/git-tree.ts';

const minutes = 60_000;
const alias = 'oracle-of-history';

/** Truth is the Git tree: whichever way a version came to a commit, it holds that commit's files and nothing else. */
describe('a chain of real versions', () => {
  let bed: BedState;
  let history: RealHistory;
  let engine: Engine;
  let main: string;
  let env: Readonly<Record<string, string>>;
  const folder = mkdtempSync(join(tmpdir(), 'reindeer-oracle-'));
  beforeAll(async () => {
    const found = readBedState();
    if (!found) throw new Error('no bed is up: npm run bed -- up');
    bed = found;
    history = await realHistory(async (_title, work) => work());
    engine = engineOf(bed);
    main = await compiledMain();
    env = { ...(await imageEnvironment(main)), ...environmentOf(bed) };
  }, 3 * minutes);
  afterAll(async () => {
    for (const index of await engine.indices.describe(`${alias}-v*`)) await engine.indices.delete(index.name);
    await settingsOn(engine, 'reindeer-settings').forgetAlias(alias, 'cli');
    await engine.close();
    rmSync(folder, { recursive: true });
  }, minutes);

  it(
    'is at least 20 versions long and 300 files wide',
    async () => {
      expect(history.commits.length).toBeGreaterThanOrEqual(20);
      expect((await treeOfCommit(history.repository, history.commits.at(-1)!.commit)).length).toBeGreaterThanOrEqual(
        300,
      );
    },
    minutes,
  );

  it(
    'is at every incremental step what Git says, file by file and byte by byte',
    async () => {
      // The tip always: the next test compares it with a full build.
      const chosen = [...new Set([...sampleOf(3, history.commits), ...history.commits.slice(-1)])];
      console.log(`seed ${seed}, versions ${chosen.map(({ tag }) => tag).join(', ')}`);
      for (const { tag, commit } of chosen) {
        await index(tag);
        const tree = await treeOfCommit(history.repository, commit);
        const held = await dumpVersion(engine, `${alias}-v1`);
        const files = held.files.map(file => ({
          path: file['filePath'],
          mode: file['git_mode'],
          oid: file['git_file_hash'],
        }));
        expect({ tag, files }).toEqual({ tag, files: tree.map(({ path, mode, oid }) => ({ path, mode, oid })) });
        const texts = new Map<string, string>();
        for (const chunk of held.chunks)
          texts.set(String(chunk['filePath']), (texts.get(String(chunk['filePath'])) ?? '') + String(chunk['content']));
        const wrong = tree
          .filter(({ path, text }) => texts.has(path) && texts.get(path) !== text)
          .map(({ path }) => path);
        expect({ tag, wrong }).toEqual({ tag, wrong: [] });
        const indexed = held.files.filter(file => file['state'] === 'indexed').length;
        expect(texts.size).toBeGreaterThan(indexed * 0.95); // an empty file is indexed and has no chunk
      }
    },
    15 * minutes,
  );

  it(
    'holds at the tip the same documents as a full build of the tip, field by field',
    async () => {
      await index(history.commits.at(-1)!.tag, '--clean', '--keep-old-indices');
      const incremental = await dumpVersion(engine, `${alias}-v1`);
      const full = await dumpVersion(engine, `${alias}-v2`);
      expect(leftOutOfComparison).toEqual(['indexed_at']);
      expect(full.files.length + full.chunks.length).toBeGreaterThan(1000);
      expect(incremental.chunks).toEqual(full.chunks);
      expect(incremental.files).toEqual(full.files);
    },
    5 * minutes,
  );

  async function index(tag: string, ...flags: readonly string[]): Promise<void> {
    const command = [process.execPath, main, 'cli', 'index', `${history.repository}:${alias}`];
    await run([...command, '--branch', tag, ...flags], { env });
  }
});
