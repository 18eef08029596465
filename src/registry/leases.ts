import { ConflictError } from '../domain/errors.ts';
import type { BreakNote, Holder, Lease, LockRecord } from '../domain/records.ts';
import type { Documents, Stand } from '../engine/port.ts';
import { createAt, maxTries, type Place, replaceAt } from './compare-and-set.ts';
import type { Granted, LeaseOf, Refused, Settings } from './port.ts';
import {
  freeLease,
  parseAliasRecord,
  parseLockRecord,
  parsePartRecord,
  parseVersionRecord,
  recordId,
} from './records.ts';

/**
 * The one lease rule, for the lock of an alias and the writers of a version or of a part of a run alike:
 *
 *   free --acquire--> held --release--> free           every grant draws the next token from the alias record
 *                      |  \--renew--> held              epoch grows only on a grant over a lease that was
 *                      \--takeOver--> held by another   not released
 *                      \--break--> free                 a break counts as not released
 *
 * All by compare-and-set on sequence numbers: no clocks are compared, a challenger watches the record itself.
 */
export type Leases = Pick<Settings, 'acquire' | 'takeOver' | 'renew' | 'release' | 'breakLock'>;

type GrantOptions = { readonly leaseSeconds: number; readonly tokenFloor: number };
type Shelf = { readonly documents: Documents; readonly index: string };

/** A lease as it stands now, and the one way to put another in its place. */
type Found = {
  readonly lease: Lease;
  /** Absent while the lock record does not exist. */
  readonly stand: Stand | undefined;
  put(lease: Lease): Promise<'written' | 'conflict'>;
};

export function leasesIn(documents: Documents, index: string): Leases {
  const shelf: Shelf = { documents, index };
  return {
    acquire: (lease, holder, options) => grant(shelf, lease, holder, options, () => false),
    takeOver: (lease, holder, seen, options) => grant(shelf, lease, holder, options, found => hasNotMoved(found, seen)),
    renew: (lease, holder, token) => renew(shelf, lease, holder, token),
    release: (lease, holder, token) => release(shelf, lease, holder, token),
    breakLock: (alias, seen, note, tokenFloor) => breakLock(shelf, alias, seen, { note, tokenFloor }),
  };
}

function hasNotMoved(found: Found, seen: Refused): boolean {
  return found.stand?.seqNo === seen.seqNo && found.lease.token === seen.lease.token;
}

async function grant(
  shelf: Shelf,
  of: LeaseOf,
  holder: Holder,
  options: GrantOptions,
  mayDisplace: (found: Found) => boolean,
): Promise<Granted | Refused> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const found = await find(shelf, of);
    const ours = isHeldBy(found.lease, holder);
    // Asked again by the same holder, after a lost reply or its own restart: the grant it has is the answer.
    if (ours && found.lease.token >= options.tokenFloor) return { is: 'granted', lease: found.lease };
    if (found.lease.held && !ours && !mayDisplace(found)) return refused(found);
    const token = await drawToken(shelf, of.alias, Math.max(options.tokenFloor, found.lease.token));
    if (token === 'conflict') continue;
    const epoch = found.lease.epoch + (found.lease.held ? 1 : 0);
    const lease: Lease = { held: true, holder, token, epoch, leaseSeconds: options.leaseSeconds };
    if ((await found.put(lease)) === 'written') return { is: 'granted', lease };
  }
  throw crowded(of);
}

function refused(found: Found): Refused {
  if (found.stand === undefined) throw new Error('a lease without a record cannot be held');
  return { is: 'held', lease: found.lease, seqNo: found.stand.seqNo };
}

/**
 * One try to raise the counter of the alias, so that a crowd looks at the lease again in between: most of it then
 * finds the lease held. A token that is drawn and not used is lost, which is fine: tokens only have to grow.
 */
async function drawToken(shelf: Shelf, alias: string, floor: number): Promise<number | 'conflict'> {
  const place: Place = { ...shelf, id: recordId.alias(alias) };
  const found = await shelf.documents.get<unknown>(shelf.index, place.id);
  if (found === undefined)
    throw new ConflictError(`alias ${alias} is not claimed: there is no counter to draw a token from`);
  const record = parseAliasRecord(found.source, alias);
  const token = 1 + Math.max(record.tokenCounter, floor);
  const written = await replaceAt(place, { ...record, tokenCounter: token }, found.stand);
  return written === 'conflict' ? 'conflict' : token;
}

async function renew(shelf: Shelf, of: LeaseOf, holder: Holder, token: number): Promise<'renewed' | 'lost'> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const found = await find(shelf, of);
    if (!isHeldBy(found.lease, holder) || found.lease.token !== token) return 'lost';
    // The same content again: what a challenger watches is the sequence number.
    if ((await found.put(found.lease)) === 'written') return 'renewed';
  }
  throw crowded(of);
}

async function release(shelf: Shelf, of: LeaseOf, holder: Holder, token: number): Promise<void> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const found = await find(shelf, of);
    if (!isHeldBy(found.lease, holder) || found.lease.token !== token) return;
    if ((await found.put({ ...found.lease, held: false, holder: null })) === 'written') return;
  }
  throw crowded(of);
}

async function breakLock(
  shelf: Shelf,
  alias: string,
  seen: Pick<Lease, 'held' | 'token'>,
  { note, tokenFloor }: { readonly note: BreakNote; readonly tokenFloor: number },
): Promise<'broken' | 'changed'> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const found = await findLock(shelf, alias);
    if (found.lease.held !== seen.held || found.lease.token !== seen.token) return 'changed';
    const lease = seen.held ? await brokenLease(shelf, alias, found.lease, tokenFloor) : found.lease;
    if (lease !== 'conflict' && (await found.put(lease, note)) === 'written') return 'broken';
  }
  throw crowded({ of: 'alias', alias });
}

/** Free, but not as after a release: whoever is granted it next shuts the late writes of this holder out. */
async function brokenLease(shelf: Shelf, alias: string, lease: Lease, floor: number): Promise<Lease | 'conflict'> {
  const token = await drawToken(shelf, alias, Math.max(floor, lease.token));
  return token === 'conflict' ? token : { ...lease, held: false, holder: null, token, epoch: lease.epoch + 1 };
}

function isHeldBy(lease: Lease, holder: Holder): boolean {
  return lease.held && lease.holder?.uid === holder.uid && lease.holder.pod === holder.pod;
}

function find(shelf: Shelf, of: LeaseOf): Promise<Found> {
  switch (of.of) {
    case 'alias':
      return findLock(shelf, of.alias);
    case 'version':
      return findWriter(shelf, of.index);
    case 'part':
      return findPart(shelf, of);
  }
}

/** The lock, which a note may be written beside; without one the last note stays. */
type FoundLock = Found & { put(lease: Lease, note?: BreakNote): Promise<'written' | 'conflict'> };

async function findLock(shelf: Shelf, alias: string): Promise<FoundLock> {
  const place: Place = { ...shelf, id: recordId.lock(alias) };
  const found = await shelf.documents.get<unknown>(shelf.index, place.id);
  const before: LockRecord = found ? parseLockRecord(found.source, alias) : { kind: 'lock', alias, lease: freeLease };
  const put = async (lease: Lease, note = before.broken): Promise<'written' | 'conflict'> => {
    const record: LockRecord = { ...before, lease, ...(note && { broken: note }) };
    return outcome(found ? await replaceAt(place, record, found.stand) : await createAt(place, record));
  };
  return { lease: before.lease, stand: found?.stand, put };
}

async function findWriter(shelf: Shelf, index: string): Promise<Found> {
  const place: Place = { ...shelf, id: recordId.version(index) };
  const found = await shelf.documents.get<unknown>(shelf.index, place.id);
  if (found === undefined) throw new ConflictError(`version ${index} has no record: it was deleted, or never made`);
  const record = parseVersionRecord(found.source, index);
  const put = async (writer: Lease): Promise<'written' | 'conflict'> =>
    outcome(await replaceAt(place, { ...record, writer }, found.stand));
  return { lease: record.writer, stand: found.stand, put };
}

async function findPart(shelf: Shelf, { run, partition }: Extract<LeaseOf, { of: 'part' }>): Promise<Found> {
  const place: Place = { ...shelf, id: recordId.part(run, partition) };
  const found = await shelf.documents.get<unknown>(shelf.index, place.id);
  if (found === undefined) throw new ConflictError(`part ${partition} of run ${run} has no record: it was forgotten`);
  const record = parsePartRecord(found.source);
  const put = async (lease: Lease): Promise<'written' | 'conflict'> =>
    outcome(await replaceAt(place, { ...record, lease }, found.stand));
  return { lease: record.lease, stand: found.stand, put };
}

function outcome(written: Stand | 'exists' | 'conflict'): 'written' | 'conflict' {
  return typeof written === 'string' ? 'conflict' : 'written';
}

function crowded(of: LeaseOf): ConflictError {
  return new ConflictError(`${nameOf(of)} was changed by others ${maxTries} times in a row`);
}

function nameOf(of: LeaseOf): string {
  switch (of.of) {
    case 'alias':
      return `the lock of ${of.alias}`;
    case 'version':
      return `the writer of ${of.index}`;
    case 'part':
      return `the writer of part ${of.partition} of run ${of.run}`;
  }
}
