import { TerminalError } from '../../domain/errors.ts';
import type { Settings } from '../../registry/port.ts';
import type { RunBook } from './reporter.ts';

/** Which run, and the version that it brings forward. */
type RunOf = { readonly run: string; readonly index: string };

/**
 * The record of a run. Whoever deletes it does so for good: the pod of a run whose request was deleted lives on for its
 * grace period, and only its first word makes the record.
 */
export function runBook(settings: Settings, { run, index }: RunOf): RunBook {
  return {
    read: () => settings.runRecord(run),
    begin: async record => {
      await settings.putRun(record);
      await leaveNothing(settings, { run, index });
    },
    write: async record => {
      await settings.changeRun(run, () => record);
    },
  };
}

/**
 * A run that is deleted loses its version first and its records after that. So a record that was made while the version was
 * still there is deleted with the others; one that was made later is taken back here.
 */
export async function leaveNothing(
  settings: Settings,
  { run, index, partitions = 1 }: RunOf & { readonly partitions?: number },
): Promise<void> {
  if ((await settings.versionRecord(index)) !== undefined) return;
  await settings.deleteRun(run, partitions);
  throw new TerminalError('Drifted', `version ${index} has no record: it was deleted while the run began`);
}
