import { fenceWriters, writeAliasName } from '../../fences/write-alias.ts';
import { asWriter, type CopyRun } from './as-writer.ts';
import { compareCopies } from './compare.ts';
import { readBegun } from './copied-note.ts';
import { follow, note, partsOf, sweepThrough, type Leg } from './follow.ts';
import type { CopyEnd, CopyInput, CopyPorts } from './input.ts';

/**
 * Makes a version hold what the live one holds, while applications write into that: passes until little is left, a sweep of
 * what was deleted, and a comparison of both as of the last pass. What was copied before stays, and a pass goes on from there.
 */
export async function runCopy(input: CopyInput, ports: CopyPorts): Promise<CopyEnd> {
  const work = async (run: CopyRun): Promise<object> => {
    const { engine, signal } = run.ports;
    const { epoch } = run.lease;
    await fenceWriters(engine, input.index, epoch);
    await copy(input, run, { engine, signal, target: writeAliasName(input.index, epoch) });
    return {};
  };
  return asWriter({ program: 'copy', input, ports, work });
}

/** So few are left to the cut-over, which follows the live version until it is blocked. */
const fewDocuments = 1000;

async function copy(input: CopyInput, run: CopyRun, leg: Leg): Promise<void> {
  const { engine } = leg;
  const { copied, wasCopied } = await readBegun(engine, input);
  let checkpoints = copied?.checkpoints ?? {};
  run.did.refused = copied?.refused ?? 0;
  run.reporter.expect(await engine.indices.count(input.from));
  for (let last = Number.POSITIVE_INFINITY; ;) {
    const pass = await follow(input, run, { ...leg, checkpoints, wasCopied });
    checkpoints = pass.checkpoints;
    // Writers may be as fast as the passes: whether the rest fits into a block is for the cut-over to say.
    if (pass.read <= fewDocuments || pass.read > last / 2) break;
    last = pass.read;
  }
  await sweepThrough(input, run, leg);
  const { from, index, number, bulkBytes, bulkConcurrency: concurrency } = input;
  const order = { from, index, run: number, checkpoints, bulkBytes, concurrency };
  const { ids: _ids, ...verified } = await compareCopies(partsOf(run, leg), order);
  // What was refused once may have been written anew since, or deleted: then nothing is missing.
  if (verified.live === verified.candidate && verified.differing === 0) run.did.refused = 0;
  await note(input, run, leg, { checkpoints, verified });
  await record(input, run);
}

/** The version is filled, as far as it can be while the live one is written into. */
async function record({ index }: CopyInput, { ports: { engine, settings } }: CopyRun): Promise<void> {
  const documents = await engine.indices.count(index);
  await settings.changeVersion(index, version => ({
    ...version,
    phase: version.phase === 'Building' ? 'Complete' : version.phase,
    chunks: documents,
    clean: true,
  }));
}
