import { Cron } from 'croner';
import { createHash } from 'node:crypto';
import { durationMs } from '../api/duration.ts';

/** A schedule as a user wrote it: five cron fields in a time zone, or `@every 10m`. */
export type Schedule =
  | { readonly is: 'every'; readonly everyMs: number; readonly offsetMs: number }
  | { readonly is: 'cron'; readonly cron: Cron; readonly text: string };

export type ScheduleProblem = {
  readonly is: 'invalid';
  readonly reason: 'InvalidSchedule' | 'InvalidTimeZone';
  readonly message: string;
};

const shortestMs = 60_000;
const longestMs = 720 * 3_600_000;

/**
 * Reads a schedule. `@every` ticks are spread over the interval by the object's uid, so that 300 repositories do not
 * ask their remotes in the same second. What a pattern cannot say is found here: 30 February, an unknown zone.
 */
export function readSchedule(text: string, timeZone: string, uid: string): Schedule | ScheduleProblem {
  const every = /^@every (\S+)$/.exec(text)?.[1];
  return every === undefined ? readCron(text, timeZone) : readEvery(text, every, uid);
}

function readEvery(text: string, every: string, uid: string): Schedule | ScheduleProblem {
  const everyMs = parsedMs(every);
  if (everyMs === undefined || everyMs < shortestMs || everyMs > longestMs)
    return invalid('InvalidSchedule', `"${text}": @every takes 1m to 720h, such as "@every 10m"`);
  return { is: 'every', everyMs, offsetMs: spread(uid, everyMs) };
}

function parsedMs(text: string): number | undefined {
  try {
    return durationMs(text);
  } catch {
    return undefined;
  }
}

function spread(uid: string, everyMs: number): number {
  return createHash('sha256').update(uid).digest().readUInt32BE(0) % everyMs;
}

function readCron(text: string, timeZone: string): Schedule | ScheduleProblem {
  if (!isTimeZone(timeZone))
    return invalid('InvalidTimeZone', `"${timeZone}" is not an IANA time zone such as Europe/Paris`);
  if (text.trim().split(/\s+/).length !== 5)
    return invalid('InvalidSchedule', `"${text}": a cron schedule has five fields: minute hour day month weekday`);
  try {
    const cron = new Cron(text, { timezone: timeZone, mode: '5-part', paused: true });
    // croner answers nothing, and throws nothing, for a date that never comes.
    if (!cron.nextRun(new Date(0))) return invalid('InvalidSchedule', `"${text}" never comes due`);
    return { is: 'cron', cron, text };
  } catch {
    return invalid('InvalidSchedule', `"${text}" is not a cron schedule of five fields`);
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function invalid(reason: ScheduleProblem['reason'], message: string): ScheduleProblem {
  return { is: 'invalid', reason, message };
}

/** The first tick after `now`. */
export function nextTick(schedule: Schedule, now: Date): Date {
  if (schedule.is === 'cron') {
    const next = schedule.cron.nextRun(now);
    if (!next) throw new RangeError(`"${schedule.text}" never comes due again`);
    return next;
  }
  const { everyMs, offsetMs } = schedule;
  const passed = Math.floor((now.getTime() - offsetMs) / everyMs);
  return new Date((passed + 1) * everyMs + offsetMs);
}

/** True when at least one tick came between the two times; however many were missed, they count as one. */
export function ticked(schedule: Schedule, since: Date, now: Date): boolean {
  return nextTick(schedule, since).getTime() <= now.getTime();
}

/**
 * NEXT RUN for people. An interval is said as such, and a cron of less than an hour too: a time of day that moves on
 * at every tick would be a write to Kubernetes at every tick, even when nothing at all has changed.
 */
export function nextRunText(schedule: Schedule, text: string, now: Date): string {
  if (schedule.is === 'every') return text.replace('@', '');
  const next = nextTick(schedule, now);
  const after = nextTick(schedule, next);
  if (after.getTime() - next.getTime() < 3_600_000) return text;
  return next.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
