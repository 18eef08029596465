import { CommanderError } from 'commander';
import { exitCodes } from '../api/exit-codes.ts';
import { DeclinedError } from '../reading/declined.ts';
import { failureOf } from '../workers/run/outcome.ts';
import { advice } from './advice.ts';
import type { Output } from './output.ts';
import { UsageError } from './usage-error.ts';

/** Says why a verb failed and what to do, and answers the exit code. Only a bug of ours is told with its stack. */
export function tellFailure(
  error: unknown,
  { output, redact }: { readonly output: Pick<Output, 'note'>; readonly redact: (text: string) => string },
): number {
  // Already told; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.badConfiguration;
  if (error instanceof UsageError || error instanceof DeclinedError) {
    output.note(redact(`error: ${error.message}`));
    return error instanceof UsageError ? exitCodes.badConfiguration : error.exitCode;
  }
  const { exitCode, reason, message } = failureOf(error);
  output.note(redact(`error: ${message}`));
  const help = advice(reason);
  if (help !== '') output.note(help);
  if (reason === 'Unexpected' && error instanceof Error) output.note(redact(error.stack ?? ''));
  return exitCode;
}
