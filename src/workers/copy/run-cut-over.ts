import { TerminalError } from '../../domain/errors.ts';
import { asWriter, type CopyRun } from './as-writer.ts';
import { readBegun } from './copied-note.ts';
import type { Refusals } from './copy-writer.ts';
import { cutOver } from './cut-over.ts';
import { follow, sweepThrough } from './follow.ts';
import type { CopyEnd, CopyPorts, CutOverInput } from './input.ts';
import type { CutOverActs } from './under-block.ts';

/** Takes the aliases over from the live version, as one piece of work: see `docs/design/0025-cut-over.md`. */
export async function runCutOver(input: CutOverInput, ports: CopyPorts): Promise<CopyEnd> {
  const work = async (run: CopyRun): Promise<{ readonly blockedMs?: number }> => {
    const { engine, clock, signal } = run.ports;
    run.reporter.expect(0, await engine.indices.count(input.from));
    const pair = { candidate: input.index, live: input.from };
    const { blockMs, attempts, moves } = input;
    const parts = { engine, clock, acts: await actsOf(input, run), lost: run.lost, stop: signal };
    const { blockedMs } = await cutOver(parts, { ...pair, epoch: run.lease.epoch, moves, blockMs, attempts });
    return blockedMs === undefined ? {} : { blockedMs: Math.round(blockedMs) };
  };
  return asWriter({ program: 'cut-over', input, ports, work });
}

async function actsOf(input: CutOverInput, run: CopyRun): Promise<CutOverActs> {
  const { copied, wasCopied } = await readBegun(run.ports.engine, input);
  let checkpoints = copied?.checkpoints ?? {};
  return {
    pass: async leg => {
      const pass = await follow(input, run, { ...leg, checkpoints, wasCopied });
      if (pass.refused.count > 0) throw deadLetters(input, pass.refused);
      checkpoints = pass.checkpoints;
      return { documents: pass.read };
    },
    sweep: async leg => sweepThrough(input, run, leg),
    counts: async ({ engine: { indices } }) => {
      await Promise.all([input.from, input.index].map(async index => indices.refresh(index)));
      const [live, candidate] = await Promise.all([indices.count(input.from), indices.count(input.index)]);
      return { live, candidate };
    },
    serve: async ({ engine: { indices } }) => {
      const { settings, dynamic } = input.serving;
      await indices.putMapping(input.index, { dynamic });
      await indices.putSettings(input.index, settings);
    },
    note: async (state, attempt) => {
      if (run.lost.aborted) throw run.lost.reason;
      await run.reporter.say(`${state}, attempt ${attempt} of ${input.attempts}`);
    },
  };
}

function deadLetters({ index }: CutOverInput, { count, first: [first] }: Refusals): TerminalError {
  const message = `${index} does not take ${count} documents, such as ${first?.id ?? ''}: ${first?.reason ?? ''}`;
  return new TerminalError('DeadLetters', message);
}
