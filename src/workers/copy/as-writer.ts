import { exitCodes, type ExitCode } from '../../api/exit-codes.ts';
import { bounded } from '../../domain/bounded-text.ts';
import type { Lease } from '../../domain/records.ts';
import type { CopyResult } from '../../work/contract.ts';
import { takeLease, withLease } from '../run/held-lease.ts';
import { causeOf, failureOf } from '../run/outcome.ts';
import { Reporter } from '../run/reporter.ts';
import { runBook } from '../run/run-record.ts';
import { writerLease } from '../run/writer-lease.ts';
import type { CopyEnd, CopyInput, CopyPorts } from './input.ts';

/** One program of a copy at work, with the writer's lease of the version held. */
export type CopyRun = {
  /** Their signal is aborted when the lease is lost, too. */
  readonly ports: CopyPorts;
  /** Aborted with the lease: nothing may be written any more. */
  readonly lost: AbortSignal;
  readonly lease: Lease;
  readonly reporter: Reporter;
  /** To be called when a write may still be under way that nobody awaits: the lease then has to run out. */
  readonly onLostReply: () => void;
  /** What it did so far, counted on. */
  readonly did: Counted;
};

export type Counted = { read: number; written: number; deleted: number; refused: number };

type Doing = {
  readonly program: CopyResult['program'];
  readonly input: CopyInput;
  readonly ports: CopyPorts;
  readonly work: (run: CopyRun) => Promise<Pick<CopyResult, 'blockedMs'>>;
};

/** Does the work as the only writer of the version. Never throws: every end is an exit code and a result that says why. */
export async function asWriter({ program, input, ports, work }: Doing): Promise<CopyEnd> {
  const startedMs = ports.clock.elapsedMs();
  const { runUid, alias, index } = input;
  const subject = { runUid, alias, index, mode: 'full', commit: '', unit: 'Documents' } as const;
  const reporter = new Reporter({ ...ports, subject, book: runBook(ports.settings, { run: runUid, index }) });
  const did: Counted = { read: 0, written: 0, deleted: 0, refused: 0 };
  let token = 0;
  const end = await withWriter(input, ports, reporter, async run => {
    token = run.lease.token;
    return work({ ...run, reporter, did });
  }).then(
    (done): End => ({ exitCode: exitCodes.done, outcome: 'succeeded', reason: '', errors: [], ...done }),
    (error: unknown): End => {
      const { exitCode, reason, message } = failureOf(causeOf(error, ports));
      return { exitCode, outcome: 'failed', reason, errors: [bounded(message)] };
    },
  );
  const { exitCode, ...said } = end;
  if (reporter.isStarted) await reporter.end(said.outcome, said.reason, said.errors[0] ?? '');
  const ms = Math.round(ports.clock.elapsedMs() - startedMs);
  const figures = { documents: did, bulkRetries: reporter.bulkRetries, ms, token };
  return { exitCode, result: { v: 1, program, index, ...said, ...figures } };
}

type End = { readonly exitCode: ExitCode } & Pick<CopyResult, 'outcome' | 'reason' | 'errors' | 'blockedMs'>;

type Held = Omit<CopyRun, 'reporter' | 'did'>;

async function withWriter<T>(
  input: CopyInput,
  ports: CopyPorts,
  reporter: Reporter,
  work: (run: Held) => Promise<T>,
): Promise<T> {
  await reporter.start();
  const held = await takeLease(writerLease(input, ports));
  return withLease(held, async onLostReply => {
    const signal = AbortSignal.any([ports.signal, held.lost]);
    return work({ ports: { ...ports, signal }, lost: held.lost, lease: held.lease, onLostReply }).catch(
      (error: unknown) => {
        throw causeOf(error, { signal });
      },
    );
  });
}
