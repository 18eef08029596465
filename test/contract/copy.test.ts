import { describe, expect, it } from '@jest/globals';
import { Agent, request } from 'undici';
import { copiedVersion } from '../../src/domain/copied-version.ts';
import type { Engine } from '../../src/engine/port.ts';
import { fenceWriters, writeAliasOf } from '../../src/fences/write-alias.ts';
import { compareCopies } from '../../src/workers/copy/compare.ts';
import { copyPass } from '../../src/workers/copy/copy-pass.ts';
import type { Checkpoints } from '../../src/workers/copy/parts.ts';
import { sweep } from '../../src/workers/copy/sweep.ts';
import { aCopy, copyParts, everythingIn, type ACopy } from '../support/objects/a-candidate.ts';
import { ndjson } from '../support/objects/an-index.ts';
import { type EngineAddress, onEveryEngine, onRealEngine } from './engines.ts';

async function write(engine: Engine, index: string, ...lines: readonly object[]): Promise<readonly number[]> {
  const { items } = await engine.documents.bulk(ndjson(...lines), { target: index, requireAlias: false });
  return items.map(({ status }) => status);
}

const anyDocuments = (ids: readonly string[], n = 1): readonly object[] =>
  ids.flatMap(_id => [{ index: { _id } }, { n }]);

/** What acknowledged operations made of an index. */
type Truth = Map<string, string>;

/** Writes into its own ids, two operations at a time, until it is refused; what was acknowledged is the truth. */
async function writer(engine: Engine, index: string, truth: Truth, own: number, random: () => number): Promise<number> {
  let acknowledged = 0;
  for (let n = 0; ; n += 1) {
    const id = `w${own}-${Math.floor(random() * 40)}`;
    const about = { _id: id, ...(id.endsWith('7') && { routing: `r${own}` }) };
    const source = { n, path: 'x'.repeat(Math.floor(random() * 300)) };
    const isDelete = random() < 0.4;
    const lines: object[] = isDelete ? [{ delete: about }] : [{ index: about }, source];
    // Made anew right after it was deleted, now and then.
    if (isDelete && random() < 0.3) lines.push({ index: about }, source);
    const statuses = await write(engine, index, ...lines);
    if (statuses[0] === 403) return acknowledged;
    for (const [i, status] of statuses.entries()) {
      if (status >= 300 && status !== 404) continue;
      acknowledged += 1;
      if (isDelete && i === 0) truth.delete(id);
      else truth.set(id, JSON.stringify(source));
    }
  }
}

/** xorshift: a failure can be tried again with its seed. */
function seeded(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Text as an application sends it, which our own client never does: it writes JSON by itself. */
async function put({ access }: EngineAddress, path: string, text: string): Promise<void> {
  const { endpoints, username, password = '', caPem: ca } = access;
  const dispatcher = new Agent({ connect: ca === undefined ? {} : { ca } });
  const credentials = username && { authorization: `Basic ${btoa(`${username}:${password}`)}` };
  const headers = { 'content-type': 'application/json', ...(credentials !== '' && credentials) };
  const { statusCode } = await request(`${endpoints[0] ?? ''}${path}`, {
    dispatcher,
    method: 'PUT',
    headers,
    body: text,
  });
  await dispatcher.close();
  expect(statusCode).toBe(201);
}

/** A pass, then a sweep. */
async function round(engine: Engine, copy: ACopy, checkpoints: Checkpoints): Promise<Checkpoints> {
  const passed = await copyPass(copyParts(engine), { ...copy, checkpoints });
  await sweep(copyParts(engine), copy);
  return passed.checkpoints;
}

describe('a copy', () => {
  onEveryEngine(bench => {
    it('copies what was written since its checkpoints, and nothing twice', async () => {
      const { engine } = bench();
      const copy = await aCopy(bench());
      const ids = Array.from({ length: 300 }, (_, n) => `d${n}`);
      await write(engine, copy.from, ...anyDocuments(ids));
      const first = await copyPass(copyParts(engine), { ...copy, checkpoints: {} });
      expect(first).toMatchObject({ read: 300, written: 300, conflicts: 0, refused: { count: 0, first: [] } });
      const again = await copyPass(copyParts(engine), { ...copy, checkpoints: {} });
      expect(again).toMatchObject({ read: 300, written: 0, conflicts: 300, checkpoints: first.checkpoints });
      await write(engine, copy.from, ...anyDocuments(['d1', 'new'], 2));
      const next = await copyPass(copyParts(engine), { ...copy, checkpoints: first.checkpoints });
      expect(next).toMatchObject({ read: 2, written: 2 });
      expect(await everythingIn(engine, copy.index)).toEqual(await everythingIn(engine, copy.from));
    });

    it('sweeps what the source has no more, and nothing else', async () => {
      const { engine } = bench();
      const copy = await aCopy(bench());
      const ids = Array.from({ length: 60 }, (_, n) => `d${n},x`);
      await write(engine, copy.from, ...anyDocuments([...ids, 'gone']), { index: { _id: 'r', routing: 'a' } }, {});
      await copyPass(copyParts(engine), { ...copy, checkpoints: {} });
      const gone = ids.slice(0, 20).map(_id => ({ delete: { _id } }));
      await write(engine, copy.from, ...gone, { delete: { _id: 'gone' } }, { delete: { _id: 'r', routing: 'a' } });
      expect(await sweep(copyParts(engine), copy)).toMatchObject({ live: 40, candidate: 62, deleted: 22, left: 0 });
      expect(await sweep(copyParts(engine), copy)).toMatchObject({ live: 40, candidate: 40, deleted: 0, left: 0 });
      expect([...(await everythingIn(engine, copy.index)).keys()].sort()).toEqual(ids.slice(20).sort());
    });

    it('ends equal to every acknowledged operation, with writers beside it', async () => {
      const { engine } = bench();
      const copy = await aCopy(bench());
      const truth: Truth = new Map();
      const seed = Math.ceil(Math.random() * 1_000_000);
      const writers = [1, 2, 3, 4].map(own => writer(engine, copy.from, truth, own, seeded(seed + own)));
      let checkpoints: Checkpoints = {};
      for (let rounds = 0; rounds < 6; rounds += 1) checkpoints = await round(engine, copy, checkpoints);
      await engine.indices.blockWrites(copy.from);
      const acknowledged = (await Promise.all(writers)).reduce((sum, each) => sum + each, 0);
      checkpoints = await round(engine, copy, checkpoints);
      expect({ seed, end: await everythingIn(engine, copy.index) }).toEqual({ seed, end: truth });
      expect(acknowledged).toBeGreaterThan(truth.size);
      const whole = { live: truth.size, candidate: truth.size, compared: truth.size, differing: 0, ids: [] };
      expect(await compareCopies(copyParts(engine), { ...copy, checkpoints })).toEqual(whole);
    });

    it('tells what differs as of the checkpoints, and takes nothing newer for a difference', async () => {
      const { engine } = bench();
      const copy = await aCopy(bench());
      const moved = [{ index: { _id: 'moved', routing: 'a' } }, {}];
      await write(engine, copy.from, ...anyDocuments(['same', 'other', 'lost', 'newer', 'gone']), ...moved);
      const { checkpoints } = await copyPass(copyParts(engine), { ...copy, checkpoints: {} });
      const compared = async () => compareCopies(copyParts(engine), { ...copy, checkpoints });
      expect(await compared()).toEqual({ live: 6, candidate: 6, compared: 6, differing: 0, ids: [] });
      await write(engine, copy.from, ...anyDocuments(['newer', 'new'], 2), { delete: { _id: 'gone' } });
      const version = copiedVersion({ run: copy.run, term: 2, seqNo: 0 });
      const at = (_id: string) => `"_id":"${_id}","version":${version},"version_type":"external"`;
      const lines = [`{"index":{${at('other')}}}`, '{"n":1}', `{"delete":{${at('lost')}}}`];
      await engine.documents.bulk(Buffer.from(`${lines.join('\n')}\n`), { target: copy.index, requireAlias: false });
      const { ids, ...seen } = await compared();
      expect(seen).toEqual({ live: 4, candidate: 3, compared: 3, differing: 1 });
      expect(ids.toSorted()).toEqual(['lost', 'other']);
    });

    it('names what the candidate refuses, and copies the rest', async () => {
      const { engine } = bench();
      const copy = await aCopy(bench());
      await engine.indices.delete(copy.index);
      const aliases = writeAliasOf(copy.index, 1);
      const settings = { 'index.number_of_shards': 1, 'index.number_of_replicas': 0 };
      const mappings = { dynamic: 'strict', properties: { n: { type: 'integer' } } };
      await engine.indices.create(copy.index, { settings, mappings, aliases });
      await write(engine, copy.from, ...anyDocuments(['good']), { index: { _id: 'bad' } }, { path: 'p' });
      const passed = await copyPass(copyParts(engine), { ...copy, checkpoints: {} });
      expect(passed).toMatchObject({ read: 2, written: 1, refused: { count: 1, first: [{ id: 'bad' }] } });
      expect(passed.refused.first[0]?.reason).toContain('strict_dynamic_mapping_exception');
    });

    it('copies no document that carries a version of an application', async () => {
      const { engine } = bench();
      const copy = await aCopy(bench());
      const own = { version: 1_700_000_000_000, version_type: 'external' };
      await write(engine, copy.from, ...anyDocuments(['a', 'b']), { index: { _id: 'c', ...own } }, { n: 1 });
      const refused = copyPass(copyParts(engine), { ...copy, checkpoints: {} });
      const message = expect.stringContaining(`c in ${copy.from} has version 1700000000000`);
      await expect(refused).rejects.toMatchObject({ reason: 'ExternalVersions', message });
    });

    it('copies what was copied before, and written on since', async () => {
      const { engine } = bench();
      const copy = await aCopy(bench());
      const version = copiedVersion({ run: 1, term: 1, seqNo: 7 });
      const lines = [`{"index":{"_id":"a","version":${version},"version_type":"external"}}`, '{"n":1}'];
      await engine.documents.bulk(Buffer.from(`${lines.join('\n')}\n`), { target: copy.from, requireAlias: false });
      await write(engine, copy.from, ...anyDocuments(['a', 'b'], 2));
      const order = { ...copy, checkpoints: {}, wasCopied: true };
      expect(await copyPass(copyParts(engine), order)).toMatchObject({ read: 2, written: 2 });
    });

    it('stops when its write alias is gone, and writes nothing by any other name', async () => {
      const { engine, prefix } = bench();
      const copy = await aCopy(bench());
      await write(engine, copy.from, ...anyDocuments(['a', 'b']));
      await fenceWriters(engine, copy.index, 2);
      const late = copyPass(copyParts(engine), { ...copy, checkpoints: {} });
      await expect(late).rejects.toMatchObject({ name: 'TerminalError', reason: 'LockLost' });
      expect(await everythingIn(engine, copy.index)).toEqual(new Map());
      expect(await engine.indices.describe(`${prefix}*`)).toHaveLength(2);
    });
  });

  onRealEngine((bench, address) => {
    it('copies sources byte by byte, but for line breaks, which end a document in a bulk', async () => {
      const { engine } = bench();
      const copy = await aCopy(bench());
      const odd = '{"n" : 1e2, "big": 12345678901234567890.123, "sort":[7]} // {';
      const lines = '{\n  "n": 1, // "\n\t"a": "\\"//" /* \r\n\n */\n}\n';
      for (const [id, text] of Object.entries({ odd, lines })) await put(address(), `/${copy.from}/_doc/${id}`, text);
      expect((await everythingIn(engine, copy.from)).get('lines')).toBe(lines);
      const { checkpoints } = await copyPass(copyParts(engine), { ...copy, checkpoints: {} });
      const copied = await everythingIn(engine, copy.index);
      expect(copied.get('odd')).toBe(odd);
      expect(copied.get('lines')?.replace(/\s+/g, ' ')).toBe('{ "n": 1, "a": "\\"//" } ');
      const compared = await compareCopies(copyParts(engine), { ...copy, checkpoints });
      expect(compared).toMatchObject({ compared: 2, differing: 0 });
    });
  });
});
