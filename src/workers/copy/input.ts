import type { Holder } from '../../domain/records.ts';
import type { Engine } from '../../engine/port.ts';
import type { Settings } from '../../registry/port.ts';
import type { SteadyClock } from '../../runtime/clock.ts';
import type { CopyResult } from '../../work/contract.ts';
import type { ExitCode } from '../../api/exit-codes.ts';
import type { CopyWork, CutOverWork } from '../../work/assignment.ts';
import type { Progress } from '../run/reporter.ts';

type Writer = {
  readonly holder: Holder;
  /** Names the run record. */
  readonly runUid: string;
  /** The writer's token is larger than this. */
  readonly tokenFloor: number;
  readonly bulkBytes: number;
  readonly bulkConcurrency: number;
};

/** What to copy into what, and who does it. */
export type CopyInput = Omit<CopyWork, 'program' | 'partitions'> & Writer;
/** What to cut over from and to, and who does it. */
export type CutOverInput = Omit<CutOverWork, 'program' | 'partitions'> & Writer;

export type CopyPorts = {
  readonly engine: Engine;
  readonly settings: Settings;
  readonly clock: SteadyClock;
  /** Aborted with the error to end with: SIGTERM, or the deadline. */
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** Called a few times a second at most. */
  readonly onProgress: (progress: Progress) => void;
};

export type CopyEnd = { readonly exitCode: ExitCode; readonly result: CopyResult };
