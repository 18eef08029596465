import { ConflictError } from '../domain/errors.ts';
import type { Holder, VersionRecord } from '../domain/records.ts';
import { fenceWriters, writeAliasName } from '../fences/write-alias.ts';
import type { CliContext } from './context.ts';

/** Long enough to fence an index; if this process dies before, the next writer takes over from it. */
const leaseSeconds = 15;
/** A holder that is alive moves its record all the time: each move in between costs one try. */
const maxTries = 10;

export type WriterBreak = {
  readonly version: Pick<VersionRecord, 'alias' | 'index' | 'writer'>;
  readonly hasIndex: boolean;
  readonly by: Holder;
  readonly tokenFloor: number;
};

/**
 * Takes the writer lease of a version from the grant that was seen, exactly as a take-over does: lease, write alias,
 * drain. Then it gives it back, so that the next run begins at once. 'changed' = another grant, or none, stands there now.
 */
export async function breakWriter(
  { engine, settings }: Pick<CliContext, 'engine' | 'settings'>,
  { version, hasIndex, by, tokenFloor }: WriterBreak,
): Promise<'changed' | { readonly writeAlias: string }> {
  const { alias, index, writer } = version;
  const of = { of: 'version', alias, index } as const;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const found = await settings.versionRecord(index);
    const now = found?.source.writer;
    if (found === undefined || now?.held !== true || now.token !== writer.token) return 'changed';
    const seen = { is: 'held', lease: now, seqNo: found.stand.seqNo } as const;
    const taken = await settings.takeOver(of, by, seen, { leaseSeconds, tokenFloor });
    if (taken.is === 'held') continue;
    const { epoch, token } = taken.lease;
    if (hasIndex) await fenceWriters(engine, index, epoch);
    await settings.release(of, by, token);
    return { writeAlias: hasIndex ? writeAliasName(index, epoch) : '' };
  }
  throw new ConflictError(`the writer of ${index} moved ${maxTries} times while it was taken over: try again`);
}
