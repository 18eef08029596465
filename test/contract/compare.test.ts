import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import { compareAnswers } from '../../src/traffic/compare.ts';
import { ndjson } from '../support/objects/an-index.ts';
import { dice } from '../support/objects/dice.ts';
import { onRealEngine, type Bench } from './engines.ts';

const random = dice(7);
const below = (limit: number): number => Math.floor(random() * limit);
/** As in texts: few words are frequent. */
const word = (): string => `w${Math.floor(Math.exp(random() * Math.log(800)))}`;
const documents = Array.from({ length: 2000 }, (_, at) => ({
  id: `d${at}`,
  source: { text: Array.from({ length: 6 + below(30) }, word).join(' '), n: below(500), group: `g${below(20)}` },
}));
const query = (at: number): JsonObject => {
  const kinds: readonly JsonObject[] = [
    { query: { match: { text: `${word()} ${word()}` } } },
    { query: { match: { text: { query: `${word()} ${word()}`, operator: 'and' } } } },
    { query: { bool: { filter: [{ term: { group: `g${below(20)}` } }, { match: { text: word() } }] } } },
    { query: { match: { text: word() } }, sort: [{ n: 'desc' }], aggs: { n: { sum: { field: 'n' } } } },
  ];
  return { size: 10, ...kinds[at % kinds.length] };
};
const queries = Array.from({ length: 100 }, (_, at) => query(at));
const shuffled = (): typeof documents =>
  documents.map(each => [random(), each] as const).toSorted(([one], [other]) => one - other).map(([, each]) => each); // prettier-ignore

async function filled(
  { engine, prefix }: Bench,
  name: string,
  shards: number,
  ...rounds: readonly (typeof documents)[]
): Promise<string> {
  const index = `${prefix}-${name}`;
  const properties = { text: { type: 'text' }, n: { type: 'integer' }, group: { type: 'keyword' } };
  const settings = { 'index.number_of_shards': shards, 'index.number_of_replicas': 0 };
  await engine.indices.create(index, { settings, mappings: { dynamic: 'strict', properties } });
  for (const round of rounds) {
    const lines = round.flatMap(({ id, source }) => [{ index: { _id: id } }, source]);
    await engine.documents.bulk(ndjson(...lines), { target: index, requireAlias: false });
  }
  await engine.indices.refresh(index);
  return index;
}

async function agreeing({ engine }: Bench, one: string, other: string): Promise<number> {
  const search = async (index: string, body: JsonObject) => ({
    ...(await engine.documents.search(index, body, { scoring: 'Global' })),
    status: 200,
  });
  const compared = [];
  for (const body of queries) compared.push(compareAnswers(await search(one, body), await search(other, body), 10));
  return compared.filter(({ is }) => is === 'same').length;
}

describe('what two indices answer to a hundred searches', () => {
  onRealEngine(bench => {
    it('agrees where they hold the same documents, in another order and other shards', async () => {
      const one = await filled(bench(), 'one', 1, documents, documents.filter((_, at) => at % 5 === 0)); // prettier-ignore
      const other = await filled(bench(), 'other', 3, shuffled());
      expect(await agreeing(bench(), one, other)).toBeGreaterThanOrEqual(99);
    });

    it('differs in many where one of a hundred documents is lost, and in more where texts are cut off', async () => {
      const whole = await filled(bench(), 'whole', 1, documents);
      const lossy = await filled(bench(), 'lossy', 1, shuffled().filter((_, at) => at % 100 !== 0)); // prettier-ignore
      expect(await agreeing(bench(), whole, lossy)).toBeLessThanOrEqual(80);
      const cut = shuffled().map(({ id, source }, at) => ({ id, source: at % 20 === 0 ? { ...source, text: 'w1' } : source })); // prettier-ignore
      expect(await agreeing(bench(), whole, await filled(bench(), 'cut', 1, cut))).toBeLessThanOrEqual(70);
    });
  });
});
