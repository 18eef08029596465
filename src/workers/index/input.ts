import type { Selection } from '../../domain/document-model.ts';
import type { Holder } from '../../domain/records.ts';
import type { Engine } from '../../engine/port.ts';
import type { BlobFilter } from '../../git/fetch.ts';
import type { Repository } from '../../git/repository.ts';
import type { Settings } from '../../registry/port.ts';
import type { SteadyClock } from '../../runtime/clock.ts';
import type { Progress } from '../run/reporter.ts';
import type { DocumentPool } from './documents/document-pool.ts';
import type { Partition } from './tree/partition.ts';

/** What to index, and into what: the same for a pod and for the command line. */
export type IndexingInput = {
  /** `full` fills a candidate, `incremental` brings a version to another commit. The work is the same. */
  readonly mode: 'full' | 'incremental';
  readonly alias: string;
  /** The concrete version that is read and written. */
  readonly index: string;
  readonly repoUrl: string;
  /** As `branchLabel` gives it. */
  readonly branch: string;
  readonly commit: string;
  readonly selection: Selection;
  readonly holder: Holder;
  /** Names the run record. */
  readonly runUid: string;
  /** The writer's token is larger than this. */
  readonly tokenFloor: number;
  readonly bulkBytes: number;
  readonly bulkConcurrency: number;
  /** The most threads that cut files and make documents; absent = one for each CPU, and four at most. */
  readonly parseConcurrency?: number | undefined;
  /** Whether a light run works on while a heavy one holds the alias. */
  readonly duringReindex: 'Skip' | 'Continue';
  /** Which files are read back before the commit is recorded; absent = a sample of what was written. */
  readonly digest?: 'Full' | 'Sample' | 'None' | undefined;
  /** The part of the version that this run fills, one of several that end in one version. Absent: all of it. */
  readonly partition?: Partition | undefined;
};

export type IndexingPorts = {
  readonly engine: Engine;
  readonly settings: Settings;
  /** Fetches or opens the commit of the input; with the filter that this run needs. */
  readonly openRepository: (blobs: BlobFilter) => Promise<Repository>;
  /** Private, removed by the caller. */
  readonly workFolder: string;
  readonly clock: SteadyClock;
  /** Aborted with the error to end with: SIGTERM, or the deadline. */
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** Called a few times a second at most. */
  readonly onProgress: (progress: Progress) => void;
  /** Threads that the runs of one program share: each costs half a second to start. Absent = each run has its own. */
  readonly sharedThreads?: () => Promise<DocumentPool>;
};
