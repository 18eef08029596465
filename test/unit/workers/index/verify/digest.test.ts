import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../../../src/domain/json.ts';
import { partitionsOf, verifyDigest } from '../../../../../src/workers/index/verify/digest.ts';
import { fakeEngine } from '../../../../support/fakes/fake-engine.ts';
import { aRepository, type TestRepository } from '../../../../support/real/a-repository.ts';
import { aVersion } from '../../../../support/real/an-indexed-version.ts';

describe('the digest of a version', () => {
  let repository: TestRepository;
  let commit: string;
  beforeAll(async () => {
    repository = await aRepository();
    commit = await repository.commit({ 'a.txt': 'a\n'.repeat(2000), 'b.txt': 'b\n', 'c.txt': '', 'yarn.lock': 'x\n' });
  });
  afterAll(() => repository.remove());

  async function digested(spoilt?: (chunk: JsonObject) => JsonObject | 'gone', filePath = 'b.txt', doc = 'chunk') {
    const engine = fakeEngine();
    const version = await aVersion(engine, 't', 'alias');
    await version.run(repository.path, commit);
    const { index } = version;
    const chunk = (await version.dump()).find(({ source }) => source['doc'] === doc && source['filePath'] === filePath);
    if (spoilt && chunk) {
      const source = spoilt(chunk.source);
      const lines = source === 'gone' ? [{ delete: { _id: chunk.id } }] : [{ index: { _id: chunk.id } }, source];
      const body = Buffer.from(lines.map(line => `${JSON.stringify(line)}\n`).join(''));
      await engine.documents.bulk(body, { target: index, requireAlias: false });
      await engine.indices.refresh(index);
    }
    const { signal } = new AbortController();
    return verifyDigest({ engine, index, chunks: 3, partition: undefined, signal });
  }

  it('is that of every file and every chunk', async () => {
    expect(await digested()).toEqual({ files: 4, chunks: 3 });
  });

  it.each<[string, Parameters<typeof digested>, string]>([
    ['another text', [chunk => ({ ...chunk, content: 'c\n' })], 'the chunks of b.txt are not its text'],
    ['no chunk any more', [() => 'gone'], 'the chunks of b.txt are not its text'],
    ['one of its chunks less', [() => 'gone', 'a.txt'], 'the chunks of a.txt are not its text'],
    ['chunks and no file document', [() => 'gone', 'a.txt', 'file'], 'there are chunks of a.txt, and no file document'],
    ['a hash of another text', [file => ({ ...file, text_hash: 'other' }), 'c.txt', 'file'], 'the chunks of c.txt are not its text'],
  ])('differs where a file has %s', async (_, spoilt, message) => {
    await expect(digested(...spoilt)).rejects.toMatchObject({ reason: 'VerificationFailed', message });
  }); // prettier-ignore

  it('is read bucket by bucket where there are many chunks, each once and only those of the part', () => {
    expect(partitionsOf({ chunks: 100_000, partition: undefined })).toEqual([undefined]);
    const part = { index: 1, count: 3 };
    expect(partitionsOf({ chunks: 100_000, partition: part })).toEqual([part]);
    const all = [0, 1, 2].flatMap(index => partitionsOf({ chunks: 100_001, partition: { index, count: 3 } }));
    expect(all.map(each => each?.index).toSorted((one = 0, other = 0) => one - other)).toEqual(Array.from({ length: 256 }, (_, bucket) => bucket)); // prettier-ignore
    expect(partitionsOf({ chunks: 100_001, partition: undefined })).toHaveLength(256);
  });
});
