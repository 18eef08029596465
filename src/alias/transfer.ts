import { managedBy } from '../api/meta.ts';
import type { ReleaseNote } from '../domain/records.ts';
import { nameOf } from '../domain/version.ts';
import type { Engine } from '../engine/port.ts';
import type { Settings } from '../registry/port.ts';

/** Stands where the uid of an owner would: the next IndexedRepo that declares the alias gets it and its versions. */
export const noOwner = '';

export type OwnerHands = { readonly engine: Engine; readonly settings: Settings };

/** Writes another owner into the versions of an alias that carry the first one, records and indices alike. */
export async function handOver(
  alias: string,
  { from, to }: { readonly from: string; readonly to: string },
  { engine, settings }: OwnerHands,
): Promise<void> {
  for (const version of await settings.versionRecords(alias))
    if (version.ownerUid === from)
      await settings.changeVersion(nameOf(version), record => ({ ...record, ownerUid: to }));
  for (const { name, meta } of await engine.indices.describe(`${alias}-v*`))
    if (meta['managedBy'] === managedBy && meta['alias'] === alias && meta['ownerUid'] === from)
      await engine.indices.putMeta(name, { ...meta, ownerUid: to });
}

/** Leaves an alias behind for the next owner. Its record last: as long as that names the owner, this is done again. */
export async function releaseAlias(
  { alias, ownerUid, note }: { readonly alias: string; readonly ownerUid: string; readonly note?: ReleaseNote },
  hands: OwnerHands,
): Promise<void> {
  await handOver(alias, { from: ownerUid, to: noOwner }, hands);
  await hands.settings.changeAlias(alias, record =>
    record.owner.uid === ownerUid
      ? { ...record, owner: { ...record.owner, uid: noOwner }, ...(note && { released: note }) }
      : record,
  );
}
