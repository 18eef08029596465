import { TerminalError } from '../../domain/errors.ts';
import { fieldsToAdd } from '../../domain/fields-to-add.ts';
import type { Copied } from '../../domain/index-body.ts';
import type { Engine, IndexDescription } from '../../engine/port.ts';

/** What is known of both sides before a copy goes on. */
export type Begun = {
  /** What was written down in the index that is filled; undefined = nothing yet, or it was made from another one. */
  readonly copied: Copied | undefined;
  /** The index that is read was filled by a copy itself. */
  readonly wasCopied: boolean;
};

export async function readBegun(engine: Engine, { from, index }: Sides): Promise<Begun> {
  const [source, filled] = await Promise.all([described(engine, from), described(engine, index)]);
  const copied = filled.meta['copied'] as Copied | undefined; // as writeCopied left it: nothing else does
  return { copied: copied?.from === from ? copied : undefined, wasCopied: source.meta['copied'] !== undefined };
}

/** Writes that down anew. Only with the writer's lease held: the note is replaced as a whole. */
export async function writeCopied(engine: Engine, index: string, copied: Copied): Promise<void> {
  const { meta } = await described(engine, index);
  await engine.indices.putMeta(index, { ...meta, copied });
}

type Sides = { readonly from: string; readonly index: string };

/** Gives the copy the fields that the live version gained since. The answer says how many of the top there were. */
export async function followFields(engine: Engine, { from, index }: Sides): Promise<number> {
  const [live, copy] = await Promise.all([described(engine, from), described(engine, index)]);
  const properties = fieldsToAdd(live.mappings, copy.mappings);
  const added = Object.keys(properties).length;
  if (added > 0) await engine.indices.putMapping(index, { properties });
  return added;
}

async function described(engine: Engine, index: string): Promise<IndexDescription> {
  const [found] = await engine.indices.describe(index);
  if (found) return found;
  throw new TerminalError('Drifted', `${index} was deleted while it was copied`);
}
