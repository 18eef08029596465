import type { KubeObject, Resource } from '../api/object.ts';
import { firstCharacters } from '../domain/bounded-text.ts';
import type { Kube } from '../kube/port.ts';
import { copyResult, isOfIndexing, workerResult, type CopyResult, type WorkerResult } from './contract.ts';
import type { JobView } from './view.ts';

export const podResource: Resource = { group: '', version: 'v1', plural: 'pods', kind: 'Pod' };

type Terminated = {
  readonly exitCode: number;
  readonly message?: string;
  readonly reason?: string;
  readonly finishedAt?: string;
};
type RawPod = KubeObject & {
  readonly status?: {
    readonly reason?: string;
    readonly message?: string;
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly state?: { readonly terminated?: Terminated };
    }[];
  };
};

/** Selects the pods of a Job by a label that its controller gives them. */
export function podsOf({ uid }: JobView): string {
  return `batch.kubernetes.io/controller-uid=${uid}`;
}

export type LastWords = {
  readonly said?: { readonly exitCode: number; readonly result?: WorkerResult | CopyResult; readonly text: string };
};

/** Pods are never watched: when a Job has ended they are listed once, and what the last one said is remembered. */
export class JobPods {
  readonly #kube: Kube;
  readonly #remembered = new Map<string, LastWords>();

  constructor(kube: Kube) {
    this.#kube = kube;
  }

  async lastWords(job: JobView): Promise<LastWords> {
    const known = this.#remembered.get(job.uid);
    if (known) return known;
    const pods = await this.#kube.list<RawPod>(podResource, job.key.namespace, { labels: podsOf(job) });
    const words = job.partitions > 1 ? lastWordsOfParts(pods, job) : lastWordsOf(pods);
    this.#remembered.set(job.uid, words);
    return words;
  }

  /** A Job that is gone needs no memory. */
  forget(jobUid: string): void {
    this.#remembered.delete(jobUid);
  }
}

/** Of several workers: what the decisive one said, with the documents that all of them wrote. */
export function lastWordsOfParts(pods: readonly RawPod[], job: Pick<JobView, 'failedPartitions'>): LastWords {
  const { said } = lastWordsOf(decisivePods(pods, job));
  if (said?.result === undefined || !isOfIndexing(said.result)) return said ? { said } : {};
  const results = pods.flatMap(pod => lastWordsOf([pod]).said?.result ?? []).filter(isOfIndexing);
  const sum = (of: (result: WorkerResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  const chunks = {
    total: said.result.chunks.total,
    written: sum(({ chunks: each }) => each.written),
    deleted: sum(({ chunks: each }) => each.deleted),
  };
  const digest = digestOfParts(results);
  const result = { ...said.result, chunks, bulkRetries: sum(each => each.bulkRetries), digest };
  return { said: { ...said, result } };
}

/** Of all parts together, where each says the same; the pods of a part say it once each. */
function digestOfParts(results: readonly WorkerResult[]): WorkerResult['digest'] {
  const ended = results.filter(({ outcome }) => outcome !== 'failed');
  const [first] = ended;
  if (!first?.digest || ended.some(({ digest }) => digest?.of !== first.digest?.of)) return undefined;
  const sum = (field: 'files' | 'chunks'): number =>
    ended.reduce((total, { digest }) => total + (digest?.[field] ?? 0), 0);
  return { of: first.digest.of, files: sum('files'), chunks: sum('chunks') };
}

const completionIndex = 'batch.kubernetes.io/job-completion-index';

/**
 * Of several workers those that say how the Job ended: of the partitions that failed, if any did for good; else those that
 * nobody stopped, since the Job controller stops the others once one of them has ended it.
 */
function decisivePods(
  pods: readonly RawPod[],
  { failedPartitions }: Pick<JobView, 'failedPartitions'>,
): readonly RawPod[] {
  const failed = pods.filter(({ metadata }) =>
    holdsNumber(failedPartitions, Number(metadata.annotations?.[completionIndex] ?? -1)),
  );
  const kept = pods.filter(pod => pod.metadata.deletionTimestamp === undefined);
  return [failed, kept, pods].find(some => some.length > 0) ?? [];
}

/** Whether "1,3-5" holds a number. */
function holdsNumber(ranges: string, number: number): boolean {
  return ranges.split(',').some(range => {
    const [first = '', last = first] = range.split('-');
    return first !== '' && Number(first) <= number && number <= Number(last);
  });
}

/** What the worker that ended last said; nothing when no pod is left or none came to run. */
export function lastWordsOf(pods: readonly RawPod[]): LastWords {
  const ended = pods.flatMap(pod => {
    const terminated = pod.status?.containerStatuses?.find(container => container.name === 'worker')?.state?.terminated;
    return terminated ? [terminated] : [];
  });
  const last = ended.toSorted((a, b) => ((a.finishedAt ?? '') < (b.finishedAt ?? '') ? -1 : 1)).at(-1);
  if (last) return { said: said(last) };
  const refused = pods.find(pod => pod.status?.reason !== undefined);
  return refused
    ? { said: { exitCode: -1, text: `${refused.status?.reason ?? ''}: ${refused.status?.message ?? ''}` } }
    : {};
}

function said({ exitCode, message = '', reason = '' }: Terminated): NonNullable<LastWords['said']> {
  const result = parsed(message);
  const text =
    reason === 'OOMKilled'
      ? 'the worker ran out of memory (OOMKilled): raise its memory limit'
      : `exit code ${exitCode} ${message}`.trim();
  return { exitCode, text: firstCharacters(text, 512), ...(result && { result }) };
}

function parsed(message: string): WorkerResult | CopyResult | undefined {
  try {
    const said: unknown = JSON.parse(message);
    return copyResult.safeParse(said).data ?? workerResult.parse(said);
  } catch {
    return undefined;
  }
}
