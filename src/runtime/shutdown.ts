import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';

/** One thing to put down, for instance the work queue or the lease. */
export type ShutdownStep = { readonly name: string; readonly run: () => Promise<void> };

export type ShutdownOptions = {
  readonly log: Logger;
  readonly clock: Clock;
  /** In this order, each after the one before has ended or its time is over. */
  readonly steps: readonly (ShutdownStep & { readonly atMostMs: number })[];
  /** Default `process`; a test gives its own emitter and exit. */
  readonly process?: Pick<NodeJS.Process, 'on' | 'exit'>;
};

/** Ends the process in good order with this exit code; the first call counts. */
export type Shutdown = (why: string, exitCode: number) => Promise<void>;

/**
 * Puts the process down on SIGTERM and SIGINT (exit code 0), and on call. A step that takes longer than its time is
 * left behind; one that throws is logged; the others still run. A second signal ends at once with code 1.
 */
export const installShutdown = (options: ShutdownOptions): Shutdown => {
  const { log, process: host = process } = options;
  let running: Promise<void> | undefined;
  const shutdown: Shutdown = async (why, exitCode) => {
    running ??= runSteps(options, why).then(() => host.exit(exitCode));
    return running;
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    host.on(signal, () => {
      if (running === undefined) void shutdown(signal, 0);
      else {
        log.warn({ signal }, 'second signal, ending at once');
        host.exit(1);
      }
    });
  }
  return shutdown;
};

const runSteps = async ({ log, clock, steps }: ShutdownOptions, why: string): Promise<void> => {
  log.info({ why }, 'shutdown begun');
  for (const { name, run, atMostMs } of steps) {
    const ended = new AbortController();
    const late = clock.sleep(atMostMs, ended.signal).then(() => {
      if (!ended.signal.aborted) log.warn({ step: name, atMostMs }, 'shutdown step took too long, left behind');
    });
    const done = run().catch((error: unknown) => log.error({ err: error, step: name }, 'shutdown step failed'));
    await Promise.race([done, late]);
    ended.abort();
  }
  log.info({ why }, 'shutdown done');
};
