import type { Copied } from '../../domain/index-body.ts';
import type { Engine } from '../../engine/port.ts';
import type { CopyRun } from './as-writer.ts';
import { followFields, writeCopied } from './copied-note.ts';
import { copyPass, type Passed } from './copy-pass.ts';
import type { CopyInput } from './input.ts';
import type { Checkpoints, CopyParts } from './parts.ts';
import { sweep, type Swept } from './sweep.ts';

/** Through what the copy is written, with what is left of the time. */
export type Leg = { readonly engine: Engine; readonly target: string; readonly signal: AbortSignal };

/** From where a pass goes on, and of what kind its source is. */
export type Since = { readonly checkpoints: Checkpoints; readonly wasCopied: boolean };

/**
 * One pass from these checkpoints, with the fields that the live version gained. Where it ended is written down before
 * anything may go on from there.
 */
export async function follow(
  input: CopyInput,
  run: CopyRun,
  { checkpoints, wasCopied, ...leg }: Leg & Since,
): Promise<Passed> {
  const done = await pass(input, run, leg, { checkpoints, wasCopied });
  run.did.read += done.read;
  run.did.written += done.written;
  run.did.refused += done.refused.count;
  await note(input, run, leg, { checkpoints: done.checkpoints });
  return done;
}

async function pass(input: CopyInput, run: CopyRun, leg: Leg, since: Since): Promise<Passed> {
  let told = 0;
  const onProgress: CopyParts['onProgress'] = ({ done }) => {
    run.reporter.did(done - told);
    told = done;
  };
  const { from, number, bulkBytes, bulkConcurrency: concurrency } = input;
  const order = { from, target: leg.target, run: number, ...since, bulkBytes, concurrency };
  // A copy takes no field by itself, and a document of a view has none that the live version has not got by then.
  const beforeWrites = async (): Promise<void> => {
    await followFields(leg.engine, input);
  };
  return copyPass({ ...partsOf(run, leg), onProgress }, { ...order, beforeWrites });
}

/** Deletes of the copy what the live version does not have any more. */
export async function sweepThrough(input: CopyInput, run: CopyRun, leg: Leg): Promise<Swept> {
  const { from, index, number, bulkBytes, bulkConcurrency: concurrency } = input;
  const order = { from, index, target: leg.target, run: number, bulkBytes, concurrency };
  const swept = await sweep(partsOf(run, leg), order);
  run.did.deleted += swept.deleted;
  return swept;
}

/** Writes down how far the copy is. */
export async function note(
  input: CopyInput,
  run: CopyRun,
  { engine }: Pick<Leg, 'engine'>,
  news: Pick<Copied, 'checkpoints'> & Pick<Partial<Copied>, 'verified'>,
): Promise<void> {
  const { written: documents, refused } = run.did;
  await writeCopied(engine, input.index, { from: input.from, documents, refused, ...news });
}

export function partsOf({ ports, reporter, onLostReply }: CopyRun, { engine, signal }: Leg): CopyParts {
  const { clock, random } = ports;
  return { engine, clock, signal, random, onLostReply, onRetry: () => reporter.bulkRetried() };
}
