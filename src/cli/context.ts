import type { GitCredentials } from '../domain/git-credentials.ts';
import type { Engine } from '../engine/port.ts';
import type { ConnectOptions } from '../engine/transport.ts';
import type { Settings } from '../registry/port.ts';
import type { SteadyClock } from '../runtime/clock.ts';
import type { Output } from './output.ts';

/** What every verb works with. */
export type CliContext = {
  readonly engine: Engine;
  readonly settings: Settings;
  /** Its name. */
  readonly settingsIndex: string;
  /** How a program of its own would reach the engine. */
  readonly address: Pick<ConnectOptions, 'endpoints' | 'username' | 'password' | 'apiKey' | 'caPem'>;
  /** Another settings index than `settings` on the same engine. */
  readonly settingsOn: (index: string) => Settings;
  readonly clock: SteadyClock;
  readonly output: Output;
  readonly git: GitCredentials;
  /** Aborted with the error to end with when the user interrupts. */
  readonly signal: AbortSignal;
  /** Who is at work, for those who wait: host and process. */
  readonly holderName: string;
  /** Who runs the command, for what is written down about it: "ann@laptop". */
  readonly user: string;
  /** Names this process alone. */
  readonly processUid: string;
};

/** The uid under which the command line owns aliases: all its runs are one owner. */
export const cliOwnerUid = 'cli';

/** How people are told of that owner. */
export const ownerName = 'reindeer index';
