import type { AliasMember, AliasProperties } from '../../../src/domain/alias-member.ts';
import type { Engine } from '../../../src/engine/port.ts';
import type { Pair } from '../../../src/fences/guard.ts';
import type { SwitchRequest } from '../../../src/fences/switch.ts';
import { writeAliasOf } from '../../../src/fences/write-alias.ts';
import type { CutOverActs, Leg } from '../../../src/workers/copy/under-block.ts';
import { anIndexBody, ndjson } from '../objects/an-index.ts';

/** An index that applications write into by two aliases, and the empty version that is to take it over, at epoch 2. */
export type CutOverGround = {
  readonly pair: Pair;
  readonly moves: readonly SwitchRequest[];
  /** What applications write through. */
  readonly alias: string;
};

const properties: Readonly<Record<string, AliasProperties>> = {
  '': { is_write_index: true },
  '-odd': { filter: { term: { doc: 'odd' } }, is_hidden: true },
};

export async function aCutOverGround(engine: Engine, prefix: string): Promise<CutOverGround> {
  const pair = { live: `${prefix}-2024`, candidate: `${prefix}-v2` };
  const aliases = Object.entries(properties).map(([end, of]) => ({ alias: `${prefix}${end}`, properties: of }));
  const onLive = Object.fromEntries(aliases.map(({ alias, properties: of }) => [alias, of]));
  await engine.indices.create(pair.live, anIndexBody({ aliases: onLive }));
  await engine.indices.create(pair.candidate, anIndexBody({ aliases: writeAliasOf(pair.candidate, 2) }));
  const on = (index: string, of: AliasProperties): readonly AliasMember[] => [{ index, properties: of }];
  const moves = aliases.map(({ alias, properties: of }) => ({
    ...{ alias, expected: on(pair.live, of), next: on(pair.candidate, of) },
  }));
  return { pair, moves, alias: prefix };
}

/** What an application does: the statuses of its writes. */
export async function writeThrough(
  { documents }: Engine,
  target: string,
  ids: readonly string[],
): Promise<readonly number[]> {
  const lines = ids.flatMap(id => [{ index: { _id: id } }, { n: ids.length }]);
  const { items } = await documents.bulk(ndjson(...lines), { target, requireAlias: true });
  return items.map(({ status }) => status);
}

/** The documents that an index or alias shows, sorted. */
export async function idsIn(engine: Pick<Engine, 'indices' | 'documents'>, name: string): Promise<readonly string[]> {
  await engine.indices.refresh(name);
  const { hits } = await engine.documents.search(name, { size: 10_000, query: { match_all: {} } });
  return hits.map(({ id }) => id).sort();
}

/** A pass and a sweep that read and write everything each time: small, and the same on every engine. */
export function plainActs(pair: Pair): Omit<CutOverActs, 'note'> {
  const send = async ({ engine, target }: Leg, lines: readonly object[]): Promise<void> => {
    if (lines.length === 0) return;
    const { items } = await engine.documents.bulk(ndjson(...lines), { target, requireAlias: true });
    const refused = items.find(({ status }) => status >= 400);
    if (refused) throw new Error(`${refused.id}: ${refused.status} ${refused.errorType ?? ''}`);
  };
  return {
    pass: async leg => {
      const ids = await idsIn(leg.engine, pair.live);
      await send(
        leg,
        ids.flatMap(id => [{ index: { _id: id } }, { n: 1 }]),
      );
      return { documents: ids.length };
    },
    sweep: async leg => {
      const wanted = new Set(await idsIn(leg.engine, pair.live));
      const gone = (await idsIn(leg.engine, pair.candidate)).filter(id => !wanted.has(id));
      await send(
        leg,
        gone.map(id => ({ delete: { _id: id } })),
      );
      return { deleted: gone.length };
    },
    counts: async ({ engine: { indices } }) => {
      for (const index of [pair.live, pair.candidate]) await indices.refresh(index);
      return { live: await indices.count(pair.live), candidate: await indices.count(pair.candidate) };
    },
    serve: async ({ engine: { indices } }) => indices.putSettings(pair.candidate, { 'index.hidden': null }),
  };
}
