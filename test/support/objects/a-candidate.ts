import type { Engine } from '../../../src/engine/port.ts';
import { writeAliasName, writeAliasOf } from '../../../src/fences/write-alias.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { confirmedViews, shardsOfIndex } from '../../../src/workers/copy/confirmed-view.ts';
import type { CopyParts } from '../../../src/workers/copy/parts.ts';
import { pagesOf } from '../../../src/workers/copy/read-view.ts';
import { anIndexBody } from './an-index.ts';

/** An index that is written to, and a candidate that is cut otherwise, with what a pass wants to know of them. */
export type ACopy = {
  readonly from: string;
  readonly index: string;
  readonly target: string;
  readonly run: number;
  readonly bulkBytes: number;
  readonly concurrency: number;
};

export async function aCopy({ engine, prefix }: { readonly engine: Engine; readonly prefix: string }): Promise<ACopy> {
  const [from, index] = [`${prefix}-v1`, `${prefix}-v2`];
  const body = anIndexBody();
  const cut = (shards: number) => ({ ...body.settings, 'index.number_of_shards': shards });
  const mappings = { ...body.mappings, dynamic: false };
  await engine.indices.create(from, { mappings, settings: cut(2) });
  await engine.indices.create(index, { mappings, settings: cut(3), aliases: writeAliasOf(index, 1) });
  return { from, index, target: writeAliasName(index, 1), run: 2, bulkBytes: 8_000, concurrency: 2 };
}

export function copyParts(engine: Engine, given: Partial<CopyParts> = {}): CopyParts {
  return { engine, clock: systemClock, signal: new AbortController().signal, random: Math.random, ...given };
}

/** Every document of an index, by its id: its source as text. */
export async function everythingIn(engine: Engine, index: string): Promise<ReadonlyMap<string, string>> {
  const parts = copyParts(engine);
  const found = new Map<string, string>();
  for (const view of await confirmedViews(parts, index, await shardsOfIndex(parts, index))) {
    const options = { above: -1, sources: true, pageBytes: 1_000_000, signal: parts.signal };
    for await (const page of pagesOf(parts, view, options))
      for (const { id, source } of page) found.set(id, source?.toString() ?? '');
    await engine.views.close(view.view);
  }
  return found;
}
