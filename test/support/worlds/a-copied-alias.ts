import { reindexRequestResource } from '../../../src/api/reindex-request.ts';
import type { Engine } from '../../../src/engine/port.ts';
import { blockLive, takeGuard } from '../../../src/fences/cut-over.ts';
import { fakeEngine } from '../fakes/fake-engine.ts';
import { ndjson } from '../objects/an-index.ts';
import { World } from './a-world.ts';

export const original = 'orders-2024';
const alias = 'orders';

/** Writes through the alias, a little with every few calls that anybody sends to the engine, and knows what was taken. */
export class Application {
  readonly #engine: Engine;
  #writes = 0;
  #calls = 0;
  #isWriting = false;
  /** Numbers of documents that were acknowledged, by id. */
  readonly holds = new Map<string, number>();
  refused = 0;
  acknowledged = 0;
  /** How many calls of others there are to one write of its own; 0 = it rests. */
  callsToOne = 3;
  /** Writes until so many were tried: a copy of one that goes on for ever is never still. */
  atMost = 300;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async meanwhile(): Promise<void> {
    if (this.#isWriting || this.callsToOne === 0 || (this.#calls += 1) % this.callsToOne !== 0) return;
    if (this.#writes >= this.atMost) return;
    this.#isWriting = true;
    await this.write().finally(() => (this.#isWriting = false));
  }

  /** Makes one anew, changes one, or deletes one. */
  async write(): Promise<void> {
    const n = (this.#writes += 1);
    const id = `d${n % 5 === 0 ? n : n % 23}`;
    const deletes = n % 4 === 3;
    const lines = deletes ? [{ delete: { _id: id } }] : [{ index: { _id: id } }, { sku: `s${n}`, n }];
    const { items } = await this.#engine.documents.bulk(ndjson(...lines), { target: alias, requireAlias: true });
    const status = items[0]?.status ?? 0;
    if (status === 403) this.refused += 1;
    else if (status >= 400 && status !== 404) throw new Error(`${id} was answered ${status}`);
    else {
      this.acknowledged += 1;
      if (deletes) this.holds.delete(id);
      else this.holds.set(id, n);
    }
  }
}

/** The same engine, between whose calls an application writes. */
function besides(engine: Engine, application: Application): Engine {
  const wrap = <Port extends object>(port: Port): Port =>
    Object.fromEntries(
      Object.entries(port).map(([name, call]) => [
        name,
        async (...args: readonly unknown[]) => {
          await application.meanwhile();
          return (call as (...given: readonly unknown[]) => unknown)(...args);
        },
      ]),
    ) as Port; // the same methods
  return {
    ...engine,
    indices: wrap(engine.indices),
    documents: wrap(engine.documents),
    aliases: wrap(engine.aliases),
    within: leftMs => besides(engine.within(leftMs), application),
  };
}

export type CopiedWorld = { readonly world: World; readonly application: Application };

/** An operator at work, and an alias that an application made and writes to: 40 documents behind two names. */
export async function aWorldToCopy(prepare: (world: World) => void = () => undefined): Promise<CopiedWorld> {
  const engine = fakeEngine();
  const application = new Application(engine);
  const world = new World(besides(engine, application));
  prepare(world);
  await engine.indices.create(original, {
    settings: { 'index.number_of_shards': '2', 'index.number_of_replicas': '1' },
    mappings: { dynamic: 'true', properties: { sku: { type: 'text' }, n: { type: 'long' } } },
    aliases: { [alias]: { is_write_index: true }, 'orders-read': {} },
  });
  for (let at = 0; at < 40; at += 1) await application.write();
  world.startOperator();
  await world.aCluster();
  return { world, application };
}

export async function aCopy(world: World, spec: object = {}, name = 'copy'): Promise<void> {
  await world.apply(reindexRequestResource, name, {
    target: { alias, clusterRef: { name: 'main' } },
    strategy: 'Copy',
    adopt: true,
    copy: { index: { mappings: { properties: { sku: { type: 'keyword' } } } } },
    ...spec,
  });
}

/** What stands behind a name, as the application numbers it. */
export async function numbersIn({ engine }: World, index: string): Promise<Readonly<Record<string, unknown>>> {
  await engine.indices.refresh(index);
  const { hits } = await engine.documents.search(index, { size: 10_000, query: { match_all: {} } });
  return Object.fromEntries(hits.map(({ id, source }) => [id, source['n']]));
}

/**
 * What a worker leaves that takes no further step once it has blocked writes: its lease, its names, the block. Its Job has to
 * hang. Waits until that is at work.
 */
export async function freezeInCutOver(world: World): Promise<void> {
  await world.until('its worker is at work', async () =>
    (await world.jobs()).some(({ metadata }) => metadata.annotations?.['reindeer.dev/run-round'] === '1'),
  );
  const of = { of: 'version', alias, index: 'orders-v2' } as const;
  const holder = { kind: 'Heavy', name: 'a Job', uid: 'frozen', pod: 'frozen' } as const;
  const granted = await world.settings.acquire(of, holder, { leaseSeconds: 15, tokenFloor: 0 });
  if (granted.is !== 'granted') throw new Error('the lease is held');
  const [pair, turn] = [
    { candidate: 'orders-v2', live: original },
    { epoch: granted.lease.epoch, attempt: 1 },
  ];
  await takeGuard({ engine: world.engine, pause: async () => undefined }, pair, turn);
  await blockLive(world.engine, pair, turn);
}
