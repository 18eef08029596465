import type { LockRecord } from '../../../src/domain/records.ts';
import { nameOf } from '../../../src/domain/version.ts';
import type { Engine } from '../../../src/engine/port.ts';
import { recordId } from '../../../src/registry/records.ts';
import { settingsOn } from '../../../src/registry/settings.ts';
import { shortenLease } from './shorten-lease.ts';

/** Makes every lease that a killed program left behind an alias one of a second: see shorten-lease.ts. */
export async function shortenLeases(engine: Engine, settingsIndex: string, alias: string): Promise<void> {
  const settings = settingsOn(engine, settingsIndex);
  for (const version of await settings.versionRecords(alias)) await shortenLease({ settings, index: nameOf(version) });
  const lock = await engine.documents.get<LockRecord>(settingsIndex, recordId.lock(alias));
  if (lock?.source.lease.held !== true) return;
  const shorter = { ...lock.source, lease: { ...lock.source.lease, leaseSeconds: 1 } };
  await engine.documents.replace(settingsIndex, recordId.lock(alias), shorter, lock.stand);
}
