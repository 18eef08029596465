import { durationMs } from '../api/duration.ts';
import { unclearApproval, type GateName } from '../api/fragments.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import { findCondition, hasCondition } from '../domain/conditions.ts';

/** What people, and the times that they set, do to a run. All pure. */

/** The run may not pass this gate yet. */
export function isClosed({ spec }: Pick<ReindexRequest, 'spec'>, gate: GateName): boolean {
  return spec.gates?.includes(gate) === true && spec.approved?.includes(gate) !== true;
}

/** A person has said that it goes on although checks neither passed nor failed. */
export function passesUnclear({ spec }: Pick<ReindexRequest, 'spec'>): boolean {
  return spec.approved?.includes(unclearApproval) === true;
}

/** How it goes on from there, for people. */
export const waysOnFromUnclear = 'add Unclear to spec.approved to go on all the same, or set spec.abort';

/** It has come to the gate before the switch, and is kept up to date there until somebody approves. */
export function standsAtGate(request: ReindexRequest): boolean {
  return request.status.gate === 'BeforeSwitch' && isClosed(request, 'BeforeSwitch');
}

/** The gate that it stood at was opened since it was last looked at. */
export function isJustApproved(request: ReindexRequest): boolean {
  const { gate } = request.status;
  return gate !== undefined && !isClosed(request, gate);
}

/** An abort goes before a pause: whoever stops a run to look at it first may then give it up. */
export function isPaused({ spec }: Pick<ReindexRequest, 'spec'>): boolean {
  return spec.paused === true && spec.abort !== true;
}

/**
 * The run waits for people or for time, by its status: paused, at a gate, in a bake. It keeps its alias then, and no place
 * of its cluster's limit.
 */
export function isHeld({ status }: Pick<ReindexRequest, 'status'>): boolean {
  return hasCondition(status.conditions, 'Paused') || keepsVersionBefore(status) || waitsForReaders(status);
}

/** Between its switch and the moment from which on versions are retired. */
export function isBaking(status: ReindexRequest['status']): boolean {
  return status.bakeUntil !== undefined && status.finished === undefined && !hasRetired(status);
}

/** It has come to the step that retires versions: there is no way back by an abort any more. */
export function hasRetired({ steps = [] }: ReindexRequest['status']): boolean {
  return steps.some(({ name }) => name === 'retire');
}

/** The version before is kept up to date: in a bake, and at the gate after it. */
export function keepsVersionBefore(status: ReindexRequest['status']): boolean {
  return isBaking(status) || (status.gate === 'AfterBake' && status.finished === undefined);
}

function waitsForReaders({ conditions }: ReindexRequest['status']): boolean {
  return findCondition(conditions, 'Succeeded')?.reason === 'ReadersLeft';
}

/** Since when the run is paused or waits at a gate, as its status says; undefined = it does not. */
export function pausedSince({ status }: Pick<ReindexRequest, 'status'>): string | undefined {
  const paused = findCondition(status.conditions, 'Paused');
  return paused?.status === 'True' ? paused.lastTransitionTime : undefined;
}

/** How long the run was paused or waited at gates until now. */
export function pausedMs({ status }: Pick<ReindexRequest, 'status'>, now: Date): number {
  return (status.pausedSeconds ?? 0) * 1000 + lastingMs({ status }, now);
}

/** How long the pause at hand has lasted; 0 also for one that began later than now, by a clock that was set back since. */
function lastingMs(request: Pick<ReindexRequest, 'status'>, now: Date): number {
  const since = pausedSince(request);
  return since === undefined ? 0 : Math.max(0, now.getTime() - Date.parse(since));
}

/**
 * When the bake is over: it begins with the first look at it, and does not go on while the run is paused. A clock that is set
 * back makes it no longer than it is declared. Undefined: none.
 */
export function bakeEnd(request: Pick<ReindexRequest, 'spec' | 'status'>, now: Date): Date | undefined {
  const { bake } = request.spec;
  if (!bake) return undefined;
  const latestMs = now.getTime() + durationMs(bake.for);
  const { bakeUntil } = request.status;
  const endMs = bakeUntil === undefined ? latestMs : Date.parse(bakeUntil) + lastingMs(request, now);
  return new Date(Math.min(latestMs, endMs));
}
