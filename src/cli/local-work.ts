import type { Key } from '../api/object.ts';
import type { ObservedJob } from '../runs/observed.ts';
import type { Assignment, AssignmentOf, IndexWork } from '../work/assignment.ts';
import { terminalExitCodes } from '../work/contract.ts';
import type { Workplace } from '../work/workplace.ts';
import { StoppedError } from '../workers/run/outcome.ts';
import type { IndexingEnd } from '../workers/index/run-indexing.ts';

/** Does an assignment here; every end is an exit code of the worker contract. */
export type DoWork = (assignment: AssignmentOf<IndexWork>, signal: AbortSignal) => Promise<IndexingEnd>;

/** The assignments of a run that this program drives, done one after another in this process. */
export class LocalWork implements Workplace {
  readonly #doWork: DoWork;
  readonly #uid: string;
  #stopping = new AbortController();
  #jobs: readonly ObservedJob[] = [];
  #end: IndexingEnd | undefined;
  #atWork: Promise<void> = Promise.resolve();

  /** `uid` is the holder of the writer leases. */
  constructor(doWork: DoWork, uid: string) {
    this.#doWork = doWork;
    this.#uid = uid;
  }

  /** As a run looks at its Jobs. */
  get jobs(): readonly ObservedJob[] {
    return this.#jobs;
  }

  /** How the last assignment ended; undefined = none has. */
  get end(): IndexingEnd | undefined {
    return this.#end;
  }

  /** It was cut short, and would be tried again by another pod: the run is gone on with by the next command. */
  get isCutShort(): boolean {
    return this.#end !== undefined && isPassing(this.#end);
  }

  get isAtWork(): boolean {
    return !this.isCutShort && this.#jobs.some(({ state }) => state === 'active');
  }

  async start({ work, ...about }: Assignment): Promise<void> {
    if (work.program !== 'index') throw new Error(`this program does no work of ${work.program}`);
    const assignment = { ...about, work };
    if (this.#jobs.some(({ key }) => key.name === assignment.id)) return;
    this.#show(assignment, { state: 'active' });
    this.#stopping = new AbortController();
    this.#atWork = this.#doWork(assignment, this.#stopping.signal).then(end => {
      this.#end = end;
      // As a Job is, whose pod another one follows: a run must not be undone for that.
      if (isPassing(end)) return;
      const { exitCode, result } = end;
      const said = { exitCode, result, text: result.errors[0] ?? '' };
      this.#show(assignment, { state: exitCode === 0 ? 'succeeded' : 'failed', failure: 'PodFailurePolicy', said });
    });
    // Told by idle().
    this.#atWork.catch(() => undefined);
  }

  async stop({ name }: Pick<Key, 'name'>): Promise<void> {
    await this.stopAll();
    this.#jobs = this.#jobs.filter(({ key }) => key.name !== name);
  }

  /** Nothing is at work any more afterwards. */
  async stopAll(): Promise<void> {
    this.#stopping.abort(new StoppedError('the run is over'));
    await this.#atWork;
  }

  /** Resolves once nothing is at work. Throws what the work threw. */
  async idle(): Promise<void> {
    await this.#atWork;
  }

  #show({ id, run, attempt, image, work }: AssignmentOf<IndexWork>, told: Partial<ObservedJob>): void {
    const job: ObservedJob = {
      ...{ key: { namespace: '', name: id }, uid: this.#uid, ownerUid: run, ownerKind: '', ownerName: '' },
      ...{
        deleting: false,
        deletingSince: '',
        state: 'active',
        ready: 1,
        suspended: false,
        queued: false,
        failure: '',
      },
      ...{ image, template: '', index: work.index, commit: work.commit, base: work.base, round: attempt },
      ...{ partitions: 1, failedPartitions: '', created: '', finished: '' },
      ...told,
    };
    this.#jobs = [...this.#jobs.filter(({ key }) => key.name !== id), job];
  }
}

function isPassing({ exitCode }: IndexingEnd): boolean {
  return exitCode !== 0 && !terminalExitCodes.includes(exitCode);
}
