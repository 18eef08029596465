import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { Key } from '../api/object.ts';
import { backOffMs } from '../domain/back-off.ts';
import { RetryableError, TerminalError } from '../domain/errors.ts';
import { gitSecretKeys, type GitCredentials } from '../domain/git-credentials.ts';
import { parseRemote } from '../domain/git-url.ts';
import { ticked, type Schedule } from '../domain/schedule.ts';
import type { ResolvedRef } from '../git/remote.ts';
import type { Secrets } from '../kube/secrets.ts';
import type { Head } from '../runs/observed.ts';
import type { Clock } from '../runtime/clock.ts';
import { gitCredentials } from './git-secret.ts';

export type ResolveRef = (
  url: string,
  ref: string,
  how: { readonly credentials: GitCredentials; readonly addresses: readonly string[] },
) => Promise<ResolvedRef>;

export type RemoteHeadsParts = {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly resolveRef: ResolveRef;
  /** The addresses that a host may be asked at, none = any; throws for a host that may not be asked. */
  readonly allowedAddresses: (host: string) => Promise<readonly string[]>;
};

/** How the remote of a repository has answered this process. */
export type Answers = {
  /** When it named a commit last. */
  readonly answeredAt: Date | undefined;
  /** When it was asked for the first time since then; undefined = the last answer was a good one. */
  readonly failingSince: Date | undefined;
};

type Asked = Answers & {
  readonly of: string;
  readonly head: Head;
  readonly at: Date;
  readonly failures: number;
  /** What it was asked for; undefined = a tick of the schedule. */
  readonly occasion: string | undefined;
  /** Numbers the questions in the order in which they were asked, which is not always that of the answers. */
  readonly question: number;
};

/** Processes of `git ls-remote` at the same time: they are the operator's only child processes. */
const mostAtOnce = 8;
/** Between questions to a remote that fail. */
const backOff = { firstMs: 15_000, longestMs: 300_000 };
const jumpAgeMs = 60_000;

/**
 * The newest commit of every repository's ref, as far as it was asked for: on each tick of its schedule, after its source
 * changed, and again with a growing pause while it fails. Memory only: after a restart everything is asked once, which
 * is also the one catch-up for whatever ticks were missed.
 */
export class RemoteHeads {
  readonly #parts: RemoteHeadsParts;
  readonly #asked = new Map<string, Asked>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #questions = 0;

  constructor(parts: RemoteHeadsParts) {
    this.#parts = parts;
  }

  /** The head by the schedule: asks only when a tick came, the source changed, or a failure's pause is over. */
  async bySchedule(repo: IndexedRepo, schedule: Schedule): Promise<Head> {
    const known = this.#known(repo);
    const now = this.#parts.clock.now();
    if (!known || ticked(schedule, known.at, now)) return this.#ask(repo);
    const retry = retryAt(known);
    return retry && retry <= now ? this.#ask(repo) : known.head;
  }

  /** The head no older than `maxAgeMs`, and asked for since this occasion came up, however young an older answer is. */
  async within(repo: IndexedRepo, occasion: string, maxAgeMs: number): Promise<Head> {
    const known = this.#known(repo);
    if (known?.occasion !== occasion) return this.#ask(repo, occasion);
    const ageMs = this.#parts.clock.now().getTime() - known.at.getTime();
    return ageMs <= maxAgeMs ? known.head : this.#ask(repo, occasion);
  }

  /** The head as the remote says it now. */
  async now(repo: IndexedRepo): Promise<Head> {
    return this.#ask(repo);
  }

  /** How it answered, for figures. */
  answers(repo: IndexedRepo): Answers {
    return this.#known(repo) ?? { answeredAt: undefined, failingSince: undefined };
  }

  /** When a failing remote is asked again; undefined when the last answer was good. */
  retryAt(repo: IndexedRepo): Date | undefined {
    const known = this.#known(repo);
    return known && retryAt(known);
  }

  /** Forgets IndexedRepos that are no more. */
  keepOnly(repoUids: ReadonlySet<string>): void {
    for (const uid of this.#asked.keys()) if (!repoUids.has(uid)) this.#asked.delete(uid);
  }

  #known(repo: IndexedRepo): Asked | undefined {
    const known = this.#asked.get(repo.metadata.uid);
    if (known?.of !== sourceOf(repo)) return undefined;
    const now = this.#parts.clock.now();
    if (known.at <= now) return known;
    // The clock went back: ticks that lie ahead now count again, and the answer is not taken for a young one.
    const here = { ...known, at: new Date(now.getTime() - jumpAgeMs) };
    this.#asked.set(repo.metadata.uid, here);
    return here;
  }

  async #ask(repo: IndexedRepo, occasion?: string): Promise<Head> {
    const { question, head } = await this.#inTurn(async () => ({
      question: (this.#questions += 1),
      head: await this.#look(repo),
    }));
    const before = this.#known(repo);
    // An answer that was long on its way must not take the place of one to a later question.
    if (before && before.question > question) return before.head;
    const at = this.#parts.clock.now();
    const how =
      head.is === 'found'
        ? { failures: 0, answeredAt: at, failingSince: undefined }
        : {
            failures: (before?.failures ?? 0) + 1,
            answeredAt: before?.answeredAt,
            failingSince: before?.failingSince ?? at,
          };
    this.#asked.set(repo.metadata.uid, { of: sourceOf(repo), head, at, ...how, occasion, question });
    return head;
  }

  async #look(repo: IndexedRepo): Promise<Head> {
    const { url, ref = '', secretRef } = repo.spec.source;
    const { namespace } = repo.metadata;
    try {
      const host = parseRemote(url)?.host ?? '';
      const addresses = await this.#parts.allowedAddresses(host);
      const credentials = secretRef ? await this.#credentials({ namespace, name: secretRef.name }) : {};
      const found = await this.#parts.resolveRef(url, ref, { credentials, addresses });
      if (found.is === 'found') return { is: 'found', commit: found.commit, refName: found.refName };
      return { is: 'problem', lasting: true, reason: found.is, message: found.message };
    } catch (error) {
      if (error instanceof TerminalError)
        return { is: 'problem', lasting: true, reason: error.reason, message: error.message };
      if (error instanceof RetryableError)
        return { is: 'problem', lasting: false, reason: error.reason, message: error.message };
      throw error;
    }
  }

  async #credentials(secret: Key): Promise<GitCredentials> {
    const wanted = { needed: [], optional: gitSecretKeys };
    return gitCredentials(secret.name, await this.#parts.secrets.read(secret, wanted));
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= mostAtOnce) await new Promise<void>(resolve => this.#waiting.push(resolve));
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }
}

function sourceOf(repo: IndexedRepo): string {
  const { url, ref, secretRef } = repo.spec.source;
  return JSON.stringify([url, ref ?? '', secretRef?.name ?? '']);
}

/** 15 s, 30 s, 1 min, ... up to 5 min after each failure in a row. */
function retryAt({ head, at, failures }: Asked): Date | undefined {
  if (head.is === 'found') return undefined;
  return new Date(at.getTime() + backOffMs(failures, backOff));
}
