import { describe, expect, it } from '@jest/globals';
import { RetryableError } from '../../../../src/domain/errors.ts';
import type { Engine } from '../../../../src/engine/port.ts';
import type { CopyStand, ShardStand } from '../../../../src/engine/view-port.ts';
import { confirmedViews, throughViews } from '../../../../src/workers/copy/confirmed-view.ts';
import type { CopyParts } from '../../../../src/workers/copy/parts.ts';
import { fakeEngine } from '../../../support/fakes/fake-engine.ts';
import { interceptedEngine } from '../../../support/fakes/faulty-engine.ts';
import { handClock } from '../../../support/fakes/hand-clock.ts';
import { anIndexBody, ndjson } from '../../../support/objects/an-index.ts';

const index = 'orders-v1';
const copy = (given: Partial<CopyStand> = {}): CopyStand => ({
  ...{ primary: true, active: true, maxSeqNo: 9, localCheckpoint: 9, globalCheckpoint: 9 },
  ...given,
});
const replica = (given: Partial<CopyStand> = {}): CopyStand => copy({ primary: false, ...given });

type Said = {
  /** What the copies say each time they are asked, the last for ever. */
  readonly stands?: readonly (readonly CopyStand[])[];
  readonly terms?: readonly number[];
  readonly refreshed?: number;
  readonly shards?: number;
};

/** An engine of which this is said, and what it was asked, in order. */
async function anEngine({ stands = [[copy()]], terms = [1], refreshed, shards = 1 }: Said) {
  const engine = fakeEngine();
  const { settings, mappings } = anIndexBody();
  await engine.indices.create(index, { mappings, settings: { ...settings, 'index.number_of_shards': shards } });
  const lines = Array.from({ length: 10 }, (_, n) => [{ index: { _id: `d${n}` } }, { n }]).flat();
  await engine.documents.bulk(ndjson(...lines), { target: index, requireAlias: false });
  const asked: string[] = [];
  const next = <T>(all: readonly T[], name: string): T => {
    const before = asked.filter(each => each === name).length - 1;
    return all[Math.min(before, all.length - 1)] as T; // at least one is given
  };
  const watched = interceptedEngine(engine, async ({ name }, carryOut) => {
    asked.push(name.split('.')[1] ?? '');
    const answer = await carryOut();
    if (name === 'views.stands')
      return Array.from({ length: shards }, (_, shard): ShardStand => ({ shard, copies: next(stands, 'stands') }));
    if (name === 'views.primaryTerms')
      return new Map(Array.from({ length: shards }, (_, shard) => [shard, next(terms, 'primaryTerms')]));
    return name === 'indices.refresh' ? (refreshed ?? answer) : answer;
  });
  return { engine: watched, asked };
}

function partsOn(engine: Engine) {
  const clock = handClock();
  const parts: CopyParts = { engine, clock, signal: new AbortController().signal, random: () => 0.5 };
  /** What it comes to, with the clock turned for as long as it may take. */
  const settled = async <T>(work: Promise<T>): Promise<T> => {
    const done = work.then(
      () => undefined,
      () => undefined,
    );
    for (let turns = 0; turns < 700 && (await Promise.race([done, clock.advance(100).then(() => 'more')])); turns += 1);
    return work;
  };
  return { parts, clock, settled };
}

describe('a confirmed view', () => {
  it('is opened after term and checkpoint were read and all was refreshed, and believed after the copies were asked again', async () => {
    const { engine, asked } = await anEngine({});
    const { parts, settled } = partsOn(engine);
    const views = await settled(confirmedViews(parts, index, [0]));
    expect(views).toMatchObject([{ shard: 0, checkpoint: 9, primaryTerm: 1 }]);
    expect(asked).toEqual(['primaryTerms', 'stands', 'refresh', 'open', 'stands', 'primaryTerms']);
  });

  it('has the checkpoint that was before the refresh, not the highest number that was seen', async () => {
    const before = copy({ globalCheckpoint: 4, localCheckpoint: 4 });
    const { engine } = await anEngine({ stands: [[before], [copy()]] });
    const { parts, settled } = partsOn(engine);
    expect(await settled(confirmedViews(parts, index, [0]))).toMatchObject([{ checkpoint: 4 }]);
  });

  it('waits until all copies hold what any of them holds, whatever is written meanwhile', async () => {
    const ahead = [copy({ globalCheckpoint: 9 }), replica({ maxSeqNo: 12 })];
    const nearly = [copy({ maxSeqNo: 20, globalCheckpoint: 11 }), replica({ maxSeqNo: 20 })];
    const there = [copy({ maxSeqNo: 30, globalCheckpoint: 12 }), replica({ maxSeqNo: 30 })];
    const { engine, asked } = await anEngine({ stands: [[copy(), replica()], ahead, nearly, there], refreshed: 2 });
    const { parts, settled } = partsOn(engine);
    await settled(confirmedViews(parts, index, [0]));
    expect(asked.filter(name => name === 'stands')).toHaveLength(4);
    expect(asked).not.toContain('flush');
  });

  it('has what was written made durable where that is done now and then only', async () => {
    const behind = [copy({ globalCheckpoint: 3 })];
    const { engine, asked } = await anEngine({ stands: [...Array.from({ length: 8 }, () => behind), [copy()]] });
    const { parts, settled } = partsOn(engine);
    await settled(confirmedViews(parts, index, [0]));
    expect(asked.filter(name => name === 'flush')).toHaveLength(1);
  });

  it('waits for a copy that may have been viewed and lacks something, not for one that is being made', async () => {
    const lagging = [copy(), replica({ localCheckpoint: 8 })];
    const recovering = [copy(), replica({ localCheckpoint: 1, active: false })];
    const { engine, asked } = await anEngine({ stands: [[copy()], lagging, recovering] });
    const { parts, settled } = partsOn(engine);
    await settled(confirmedViews(parts, index, [0]));
    expect(asked.filter(name => name === 'stands')).toHaveLength(3);
  });

  it('is thrown away when its shard has another primary, and opened anew', async () => {
    const { engine, asked } = await anEngine({ terms: [1, 2] });
    const { parts, settled } = partsOn(engine);
    expect(await settled(confirmedViews(parts, index, [0]))).toMatchObject([{ primaryTerm: 2 }]);
    expect(asked.filter(name => name === 'open')).toHaveLength(2);
    expect(asked.filter(name => name === 'close')).toHaveLength(1);
  });

  it('is thrown away at a failover at once, without waiting for what the copies will never hold', async () => {
    const phantoms = [copy({ maxSeqNo: 21 })];
    const { engine } = await anEngine({ stands: [[copy()], phantoms, [copy()]], terms: [1, 2] });
    const { parts, clock, settled } = partsOn(engine);
    expect(await settled(confirmedViews(parts, index, [0]))).toMatchObject([{ primaryTerm: 2 }]);
    expect(clock.elapsedMs()).toBeLessThan(1_000);
  });

  it('is none where fewer copies were refreshed than there are', async () => {
    const { engine, asked } = await anEngine({ stands: [[copy(), replica()]], refreshed: 1 });
    const { parts, settled } = partsOn(engine);
    await expect(settled(confirmedViews(parts, index, [0]))).rejects.toThrow(RetryableError);
    expect(asked).not.toContain('open');
  });

  it('is none where the copies do not agree in a minute, and leaves none open', async () => {
    const { engine, asked } = await anEngine({ stands: [[copy({ maxSeqNo: 10 })]], shards: 2 });
    const { parts, settled } = partsOn(engine);
    const refused = expect(settled(confirmedViews(parts, index, [0, 1]))).rejects;
    await refused.toMatchObject({ name: 'RetryableError', reason: 'ShardUnavailable' });
    expect(asked.filter(name => name === 'open').length).toBe(asked.filter(name => name === 'close').length);
  });

  it('is none where no copy answers as the primary', async () => {
    const { engine } = await anEngine({ stands: [[replica()]] });
    const { parts, settled } = partsOn(engine);
    await expect(settled(confirmedViews(parts, index, [0]))).rejects.toThrow(RetryableError);
  });
});

describe('reading through views', () => {
  it('reads every shard once, some at a time, and leaves no view open', async () => {
    const { engine, asked } = await anEngine({ shards: 5 });
    const { parts, settled } = partsOn(engine);
    const read: number[] = [];
    await settled(throughViews(parts, { index, width: 2 }, async ({ shard }) => void read.push(shard)));
    expect(read).toEqual([0, 1, 2, 3, 4]);
    expect(asked.filter(name => name === 'close')).toHaveLength(5);
    expect(asked.filter(name => name === 'refresh')).toHaveLength(3);
  });

  it('ends with what failed first, once the others have ended, and leaves no view open', async () => {
    const { engine, asked } = await anEngine({ shards: 3 });
    const { parts, settled } = partsOn(engine);
    const ended: number[] = [];
    const reading = throughViews(parts, { index, width: 3 }, async ({ shard }, signal) => {
      if (shard === 1) throw new Error('the second');
      await parts.clock.sleep(10_000, signal);
      ended.push(shard);
    });
    await expect(settled(reading)).rejects.toThrow('the second');
    expect(ended).toEqual([0, 2]);
    expect(asked.filter(name => name === 'close')).toHaveLength(3);
  });
});
