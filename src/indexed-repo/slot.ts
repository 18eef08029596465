import { isoSeconds } from '../domain/progress.ts';
import type { VersionRecord } from '../domain/records.ts';
import { nextTick, type Schedule } from '../domain/schedule.ts';
import type { Observed } from './observed.ts';

/**
 * Slots of `spec.rebuild.schedule`. The status is the memory: `rebuild.next` names the slot that is waited for, and once
 * it has come `rebuild.due` holds `Scheduled` until another version is live. So however many slots pass while nobody
 * looks, they are one rebuild, and a schedule that is new or changed waits for its next slot. All pure.
 */

/** What to say of a slot that came and was not answered yet; undefined = none did. */
export function slotDue(o: Observed, live: VersionRecord, isHeld: boolean): string | undefined {
  const schedule = scheduleOf(o);
  if (schedule === undefined) return undefined;
  // Another version went live since: whatever built it, it is no older than the slots that came meanwhile.
  if (live.number !== o.repo.status.live?.number) return undefined;
  const { due = [], next } = o.repo.status.rebuild ?? {};
  const slot = next === undefined ? undefined : slotSince(schedule, next, o.now);
  if (slot !== undefined) return messageOf(o, slot);
  const before = due.find(({ reason }) => reason === 'Scheduled');
  // A slot that a hold passed over is not made up for once the hold is over.
  return before === undefined || (before.held && !isHeld) ? undefined : before.message;
}

/** The next slot; undefined without a schedule that can be read. */
export function nextSlot(o: Observed): Date | undefined {
  const schedule = scheduleOf(o);
  return schedule && nextTick(schedule, o.now);
}

function scheduleOf({ rebuildSchedule: schedule }: Observed): Schedule | undefined {
  return schedule?.is === 'invalid' ? undefined : schedule;
}

/** The first slot from this time on, if it has come; times in a status have whole seconds. */
function slotSince(schedule: Schedule, time: string, now: Date): Date | undefined {
  const fromMs = Date.parse(time);
  if (!(fromMs <= now.getTime())) return undefined;
  const slot = nextTick(schedule, new Date(fromMs - 1000));
  return slot <= now ? slot : undefined;
}

function messageOf({ repo }: Observed, slot: Date): string {
  const { rebuild, timeZone } = repo.spec;
  return `the slot of ${isoSeconds(slot)} by spec.rebuild.schedule "${rebuild.schedule ?? ''}" in ${timeZone} has come`;
}
