import { describe, expect, it } from '@jest/globals';
import { RetryableError } from '../../../../src/domain/errors.ts';
import { AnswerTooLargeError } from '../../../../src/engine/errors.ts';
import type { PageQuestion } from '../../../../src/engine/view-port.ts';
import { pagesOf } from '../../../../src/workers/copy/read-view.ts';
import { fakeEngine } from '../../../support/fakes/fake-engine.ts';
import { interceptedEngine } from '../../../support/fakes/faulty-engine.ts';
import { fastClock } from '../../../support/fakes/fast-clock.ts';
import { anIndexBody, ndjson } from '../../../support/objects/an-index.ts';

/** Sizes of the pages that were asked for, and the ids that were read, of documents of so many bytes each. */
async function read(sizes: readonly number[], pageBytes: number, refusal: (size: number) => Error | undefined) {
  const engine = fakeEngine();
  await engine.indices.create('i', anIndexBody());
  const lines = sizes.flatMap((size, n) => [{ index: { _id: `d${n}` } }, { path: 'x'.repeat(size) }]);
  await engine.documents.bulk(ndjson(...lines), { target: 'i', requireAlias: false });
  await engine.indices.refresh('i');
  const asked: number[] = [];
  const watched = interceptedEngine(engine, async ({ name, args }, carryOut) => {
    if (name !== 'views.page') return carryOut();
    const { size } = args[1] as PageQuestion;
    asked.push(size);
    const error = refusal(size);
    if (error !== undefined) throw error;
    return carryOut();
  });
  const view = { shard: 0, primaryTerm: 1, checkpoint: 0, view: await engine.views.open('i', 0) };
  const parts = { engine: watched, clock: fastClock(1_000), random: () => 0.5 };
  const options = { above: -1, sources: true, pageBytes, signal: new AbortController().signal };
  const ids: string[] = [];
  for await (const page of pagesOf(parts, view, options)) ids.push(...page.map(({ id }) => id));
  return { asked, ids };
}

const many = (count: number, size = 100): number[] => Array.from({ length: count }, () => size);
const inOrder = (count: number): string[] => Array.from({ length: count }, (_, n) => `d${n}`);

describe('pages of a view', () => {
  it('grow twofold at most, up to the bytes that they should have', async () => {
    const { asked, ids } = await read(many(1_000), 100_000, () => undefined);
    expect(ids).toEqual(inOrder(1_000));
    expect(asked.slice(0, 3)).toEqual([64, 128, 256]);
    expect(Math.max(...asked)).toBeLessThan(400);
  });

  it('become small at once after large documents', async () => {
    const { asked, ids } = await read([...many(64), ...many(128, 5_000), ...many(20)], 50_000, () => undefined);
    expect(ids).toEqual(inOrder(212));
    expect(asked.slice(0, 2)).toEqual([64, 128]);
    expect(asked[2]).toBeLessThan(10);
  });

  it.each([
    ['too large to be read', new AnswerTooLargeError('NotASearchEngine', 'too large')],
    ['more than the engine has room for', new RetryableError('EngineOverloaded', '429')],
  ])('are asked for with half as many when one is %s', async (_, error) => {
    const { asked, ids } = await read(many(50), 1_000_000, size => (size > 20 ? error : undefined));
    expect(ids).toEqual(inOrder(50));
    expect(asked.slice(0, 3)).toEqual([64, 32, 16]);
  });

  it('end with the refusal of a single document', async () => {
    const refused = read(many(3), 1_000, () => new AnswerTooLargeError('NotASearchEngine', 'too large'));
    await expect(refused).rejects.toThrow('too large');
  });

  it('end with any other refusal', async () => {
    const refused = read(many(3), 1_000, () => new RetryableError('ShardUnavailable', 'the view is gone'));
    await expect(refused).rejects.toThrow('the view is gone');
  });
});
