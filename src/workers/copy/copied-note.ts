import { TerminalError } from '../../domain/errors.ts';
import { fieldsToAdd } from '../../domain/fields-to-add.ts';
import type { Copied } from '../../domain/index-body.ts';
import type { Engine, IndexDescription } from '../../engine/port.ts';

/** What a copy wrote down in the index that it fills; undefined = it is only begun, or was made from another one. */
export async function readCopied(engine: Engine, { from, index }: Sides): Promise<Copied | undefined> {
  const { meta } = await described(engine, index);
  const copied = meta['copied'] as Copied | undefined; // as writeCopied left it: nothing else does
  return copied?.from === from ? copied : undefined;
}

/** Was this index filled by a copy? */
export async function isCopy(engine: Engine, index: string): Promise<boolean> {
  return (await described(engine, index)).meta['copied'] !== undefined;
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
