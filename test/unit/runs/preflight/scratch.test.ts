import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EngineHands } from '../../../../src/alias/engine-hands.ts';
import { scratchName, versionNamed } from '../../../../src/domain/version.ts';
import type { Engine } from '../../../../src/engine/port.ts';
import { bodyTried, deleteScratch } from '../../../../src/runs/preflight/scratch.ts';
import { fakeEngine } from '../../../support/fakes/fake-engine.ts';
import { aTarget } from '../../../support/objects/a-run.ts';

const target = aTarget();
const index = scratchName('kibana', 'run-uid');
const effect = bodyTried(target, 'run-uid');

describe('the index that a body is tried on', () => {
  let engine: Engine;
  let hands: { readonly engine: EngineHands };
  let made: object[];
  beforeEach(() => {
    const whole = fakeEngine();
    made = [];
    const create: Engine['indices']['create'] = async (name, body) => {
      made.push({ name, ...body });
      return whole.indices.create(name, body);
    };
    engine = { ...whole, indices: { ...whole.indices, create } };
    hands = { engine: { engine } as EngineHands }; // as far as it is read
  });
  const left = async (): Promise<readonly string[]> =>
    (await engine.indices.describe('kibana*')).map(({ name }) => name);

  it('has a name that is none of a version, is hidden, of one shard, and says whose it is', async () => {
    expect(versionNamed(index)).toBeUndefined();
    await effect.run(hands);
    expect(made).toMatchObject([
      {
        name: index,
        settings: { 'index.hidden': 'true', 'index.number_of_shards': '1', 'index.number_of_replicas': '0' },
        mappings: { dynamic: 'strict', _meta: { ownerUid: target.uid, scratchOf: 'run-uid' } },
      },
    ]);
    expect(made[0]).not.toHaveProperty('mappings._meta.requestUid');
    expect(await left()).toEqual([]);
  });

  it('is made anew where a try that was cut off has left it', async () => {
    await engine.indices.create(index, { settings: {}, mappings: { _meta: { ownerUid: target.uid, scratchOf: 'x' } } });
    await effect.run(hands);
    expect(made).toHaveLength(3);
    expect(await left()).toEqual([]);
  });

  it.each([
    ['of another owner', { ownerUid: 'x', scratchOf: 'run-uid' }],
    ['that nothing is tried on', { ownerUid: target.uid }],
  ])('is left alone where it is one %s', async (_what, meta) => {
    await engine.indices.create(index, { settings: {}, mappings: { _meta: meta } });
    await expect(effect.run(hands)).rejects.toMatchObject({ name: 'TerminalError', reason: 'Drifted' });
    await deleteScratch({ index, ownerUid: target.uid }).run(hands);
    expect(await left()).toEqual([index]);
  });
});
