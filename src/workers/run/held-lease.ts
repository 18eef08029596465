import { bounded } from '../../domain/bounded-text.ts';
import { RetryableError, TerminalError } from '../../domain/errors.ts';
import type { Holder, Lease } from '../../domain/records.ts';
import type { Granted, LeaseOf, Refused, Settings } from '../../registry/port.ts';
import type { Clock } from '../../runtime/clock.ts';

/** A lease that is renewed in the background until it is released or lost. */
export type HeldLease = {
  readonly lease: Lease;
  /** Aborted with the error to end with, the moment that nothing may be written any more. */
  readonly lost: AbortSignal;
  /** Stops renewing and gives the lease back. Only after every write was awaited. */
  release(): Promise<void>;
  /** Stops renewing and lets the lease run out: for a run that does not know what became of its last write. */
  abandon(): void;
};

export type LeaseRequest = {
  readonly settings: Settings;
  readonly of: LeaseOf;
  readonly holder: Holder;
  readonly leaseSeconds: number;
  readonly tokenFloor: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Says of a lease that is held whether it may be taken at once. Absent: none may. */
  readonly displaces?: (lease: Lease) => boolean;
};

/** How often a lease of somebody else is looked at while we wait for it. */
const watchEveryMs = 1000;

/**
 * Takes a lease, waiting for another holder: until it releases, or until its record stood still for a whole lease as seen
 * from here, which means that it is gone. A holder that renews is not waited for beyond that: RetryableError.
 */
export async function takeLease(request: LeaseRequest): Promise<HeldLease> {
  const { settings, of, holder } = request;
  const options = { leaseSeconds: request.leaseSeconds, tokenFloor: request.tokenFloor };
  const first = await settings.acquire(of, holder, options);
  if (first.is === 'granted') return keep(request, first.lease);
  const last = request.displaces?.(first.lease) === true ? first : await watchHolder(request, first);
  const second = last.is === 'granted' ? last : await settings.takeOver(of, holder, last, options);
  if (second.is === 'granted') return keep(request, second.lease);
  throw heldError(second.lease);
}

/**
 * Gives the lease back after the work, unless a write may still be under way that nobody awaits: then it has to run out,
 * and whoever comes next fences it off.
 */
export async function withLease<T>(held: HeldLease, work: (onLostReply: () => void) => Promise<T>): Promise<T> {
  let isSettled = true;
  const onLostReply = (): void => {
    isSettled = false;
  };
  try {
    return await work(onLostReply);
  } finally {
    if (isSettled && !held.lost.aborted) await held.release().catch(() => held.abandon());
    else held.abandon();
  }
}

/** The holder seen still for a whole lease, or our own grant when it released in the meantime. */
async function watchHolder(request: LeaseRequest, first: Refused): Promise<Granted | Refused> {
  const { settings, of, holder, clock, signal } = request;
  const startedMs = clock.now().getTime();
  const waitMs = first.lease.leaseSeconds * 1000;
  for (;;) {
    await clock.sleep(Math.min(watchEveryMs, waitMs), signal);
    signal.throwIfAborted();
    const now = await settings.acquire(of, holder, {
      leaseSeconds: request.leaseSeconds,
      tokenFloor: request.tokenFloor,
    });
    if (now.is === 'granted') return now;
    if (now.lease.token !== first.lease.token || now.seqNo !== first.seqNo) throw heldError(now.lease);
    if (clock.now().getTime() - startedMs >= waitMs) return now;
  }
}

/** Whoever holds it renews it: it is not waited for. */
export function heldError(lease: Pick<Lease, 'holder'>): RetryableError {
  const name = lease.holder?.name ?? 'somebody';
  return new RetryableError('Queued', `held by ${name}, which is at work: try again when it has ended`);
}

/** Renews at a third of the lease; two thirds without a confirmed renewal are the end. */
function keep(request: LeaseRequest, lease: Lease): HeldLease {
  const { settings, of, holder } = request;
  const lost = new AbortController();
  const stopped = new AbortController();
  const renewing = renewUntilStopped(request, lease, lost, stopped.signal);
  return {
    lease,
    lost: lost.signal,
    release: async () => {
      stopped.abort();
      await renewing;
      await settings.release(of, holder, lease.token);
    },
    abandon: () => stopped.abort(),
  };
}

async function renewUntilStopped(
  { settings, of, holder, clock }: LeaseRequest,
  lease: Lease,
  lost: AbortController,
  stop: AbortSignal,
): Promise<void> {
  const thirdMs = (lease.leaseSeconds * 1000) / 3;
  let confirmedMs = clock.now().getTime();
  let pauseMs = thirdMs;
  let why: Error | undefined;
  for (;;) {
    await clock.sleep(pauseMs, stop);
    if (stop.aborted) return;
    const askedMs = clock.now().getTime();
    const deadline = AbortSignal.any([stop, timer(clock, confirmedMs + 2 * thirdMs - askedMs, stop)]);
    const answer = await Promise.race([renewed(settings, of, holder, lease.token), aborted(deadline)]);
    if (stop.aborted) return;
    if (answer === 'renewed') {
      confirmedMs = askedMs;
      pauseMs = thirdMs;
      continue;
    }
    if (answer === 'lost') {
      lost.abort(new TerminalError('LockLost', `another holder took over what ${holder.name} was writing`));
      return;
    }
    if (answer !== 'unconfirmed') why = answer;
    // Unconfirmed: once more soon, as long as the two thirds last.
    pauseMs = Math.min(watchEveryMs, thirdMs / 4);
    if (clock.now().getTime() + pauseMs - confirmedMs >= 2 * thirdMs) {
      lost.abort(notRenewed(lease, why));
      return;
    }
  }
}

/** With the reason of the last refusal, if there was one. */
function notRenewed({ leaseSeconds }: Lease, why: Error | undefined): RetryableError {
  const reason = why instanceof RetryableError ? why.reason : 'EngineUnavailable';
  const said = why === undefined ? '' : `: ${why.message}`;
  return new RetryableError(reason, bounded(`the ${leaseSeconds} s lease could not be renewed in time${said}`));
}

/** Whatever was thrown: a renewal that is not confirmed in time counts as none. */
async function renewed(
  settings: Settings,
  of: LeaseOf,
  holder: Holder,
  token: number,
): Promise<'renewed' | 'lost' | Error> {
  try {
    return await settings.renew(of, holder, token);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function timer(clock: Clock, ms: number, stop: AbortSignal): AbortSignal {
  const controller = new AbortController();
  void clock.sleep(Math.max(0, ms), stop).then(() => controller.abort());
  return controller.signal;
}

function aborted(signal: AbortSignal): Promise<'unconfirmed'> {
  return new Promise(resolve => {
    if (signal.aborted) resolve('unconfirmed');
    signal.addEventListener('abort', () => resolve('unconfirmed'), { once: true });
  });
}
