import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CatFile, Names, Question } from '../../../src/git/cat-file.ts';
import { localGitEnvironment } from '../../../src/git/environment.ts';
import { objectStore } from '../../../src/git/objects.ts';
import { eventually } from '../../support/checks/eventually.ts';
import { aRepository, type TestRepository } from '../../support/real/a-repository.ts';

const missing = '0'.repeat(40);

describe('what answers about objects', () => {
  let repository: TestRepository;
  let folder: string;
  let ending: AbortController;
  let catFile: CatFile;
  let oids: readonly string[];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reindeer-cat-file-'));
    repository = await aRepository();
    const files = Array.from({ length: 200 }, (_, i) => [`file-${i}`, `text ${i}\n`] as const);
    const commit = await repository.commit(Object.fromEntries(files));
    const tree = new Map((await repository.tree(commit)).map(({ path, oid }) => [path, oid]));
    oids = files.map(([path]) => tree.get(path) ?? '');
    ending = new AbortController();
    catFile = objectStore(repository.path, await localGitEnvironment(folder), ending.signal).catFile;
  });
  afterEach(() => {
    catFile.close();
    repository.remove();
    rmSync(folder, { recursive: true });
  });

  async function textsOf(names: Names): Promise<readonly (string | undefined)[]> {
    const texts: (string | undefined)[] = [];
    for await (const { bytes } of catFile.ask('contents', names)) texts.push(bytes?.toString());
    return texts;
  }

  const first = async (question: Question, name: string) => {
    for await (const answer of catFile.ask(question, [name])) return answer;
    return undefined;
  };

  it('is one process for all who ask one after another, however early they leave', async () => {
    expect(await textsOf(oids)).toEqual(oids.map((_, i) => `text ${i}\n`));
    expect(await textsOf([missing, oids[7] ?? '', missing])).toEqual([undefined, 'text 7\n', undefined]);
    expect(await first('info', oids[3] ?? '')).toMatchObject({ info: { type: 'blob', sizeBytes: 7 } });
    expect(await first('contents', oids[4] ?? '')).toMatchObject({ bytes: Buffer.from('text 4\n') });
    expect(await textsOf([])).toEqual([]);
    expect(processes()).toHaveLength(1);
  });

  it('is not asked again by the next one while answers are owed to one who left', async () => {
    for await (const { bytes } of catFile.ask('contents', oids)) {
      expect(bytes?.toString()).toBe('text 0\n');
      break;
    }
    expect(await textsOf([oids[9] ?? ''])).toEqual(['text 9\n']);
  });

  it('answers two at the same time, each in its own order', async () => {
    const pairs: (string | undefined)[] = [];
    for await (const { info } of catFile.ask('info', oids.slice(0, 70))) {
      const held = await first('contents', info?.oid ?? '');
      pairs.push(held?.bytes?.toString());
    }
    expect(pairs).toEqual(oids.slice(0, 70).map((_, i) => `text ${i}\n`));
    expect(processes()).toHaveLength(2);
  });

  it('answers names that come one by one, whose number is not known before', async () => {
    async function* slowly(): AsyncGenerator<string> {
      for (const oid of oids.slice(0, 65)) {
        await new Promise(setImmediate);
        yield oid;
      }
    }
    expect(await textsOf(slowly())).toEqual(oids.slice(0, 65).map((_, i) => `text ${i}\n`));
  });

  it('fails as the names do that it is asked for, and answers the next one', async () => {
    async function* broken(): AsyncGenerator<string> {
      yield* oids.slice(0, 80);
      await new Promise(setImmediate);
      throw new Error('the plan is gone');
    }
    await expect(textsOf(broken())).rejects.toThrow('the plan is gone');
    expect(await textsOf(oids.slice(0, 1))).toEqual(['text 0\n']);
  });

  it('is followed by another process when it was killed', async () => {
    expect(await textsOf(oids.slice(0, 1))).toEqual(['text 0\n']);
    for (const pid of processes()) process.kill(pid, 'SIGKILL');
    // Who asks before its end was noticed is told of it.
    const texts = () => textsOf(oids.slice(0, 2)).catch(() => []);
    await eventually('another one answers', 10_000, async () => (await texts()).join('') === 'text 0\ntext 1\n');
  });

  it('says that it was ended, to who asks then', async () => {
    expect(await textsOf(oids.slice(0, 1))).toEqual(['text 0\n']);
    ending.abort(new Error('the end of the run'));
    await expect(textsOf(oids)).rejects.toThrow('the end of the run');
  });

  it('is gone once it is closed', async () => {
    expect(await textsOf(oids.slice(0, 1))).toEqual(['text 0\n']);
    catFile.close();
    await eventually('no process is left', 10_000, () => processes().length === 0);
  });

  /** Of this program, with this repository. */
  function processes(): readonly number[] {
    const all = readdirSync('/proc').filter(name => /^\d+$/.test(name));
    return all.map(Number).filter(pid => {
      try {
        const [, state, parent] = /\) (\S) (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        if (state === 'Z' || Number(parent) !== process.pid) return false;
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`GIT_DIR=${repository.path}`);
      } catch {
        return false; // gone while it was looked at
      }
    });
  }
});
