import type { Lease, VersionRecord } from '../../domain/records.ts';
import type { Repository } from '../../git/repository.ts';
import type { IndexingInput, IndexingPorts } from './input.ts';
import type { Reporter } from '../run/reporter.ts';

/** One run with the writer's lease held. */
export type Run = {
  readonly input: IndexingInput;
  readonly ports: IndexingPorts;
  readonly lease: Lease;
  /** What bulks are sent through: the write alias of the lease. */
  readonly target: string;
  readonly reporter: Reporter;
  /** To be called when a write may still be under way that nobody awaits: the lease then has to run out. */
  readonly onLostReply: () => void;
  /** Read with the lease held: nobody else changes it now. */
  readonly record: VersionRecord;
  readonly repository: Repository;
};

/** What a run has before it reads anything. */
export type Held = Pick<Run, 'lease' | 'target' | 'reporter' | 'onLostReply'>;

/** What the version's record is worth: a mended version is compared as a whole. */
export type Trust = 'trusted' | 'mended';
