import type { GateName } from '../../api/fragments.ts';
import { done, wait } from '../../plan/step.ts';
import { isClosed } from '../control.ts';
import { isCutShort } from '../facts.ts';
import { lostLock } from '../lost-lock.ts';
import type { Observed } from '../observed.ts';
import type { RunStep } from '../step.ts';

/** How often what goes on at a gate is looked at; the watch tells of an approval. */
const gateMs = 10_000;

const names = { BeforeSwitch: 'gate-before-switch', AfterBake: 'gate-after-bake' } as const;

/** It is come to as soon as the bake is over, whether it is shut or not. */
export const gateAfterBake: string = names.AfterBake;

/** Waits until a human approves, where the request asks for that. */
export function gate(of: GateName): RunStep {
  return {
    name: names[of],
    phase: 'AwaitingApproval',
    look: o => (waits(o, of) ? (lostLock(o) ?? wait('AwaitingApproval', waysOn(of), gateMs)) : done),
  };
}

/** After the bake an abort may be too late, and ends the wait all the same. */
function waits(o: Observed, of: GateName): boolean {
  if (!isClosed(o.request, of)) return false;
  return of === 'BeforeSwitch' || (o.request.spec.abort !== true && !isCutShort(o));
}

function waysOn(of: GateName): string {
  return `gate ${of}: add it to spec.approved to go on, or set spec.abort`;
}

/** The gate that a step of this name is. */
export function gateOf(step: string | undefined): GateName | undefined {
  return step === names.BeforeSwitch ? 'BeforeSwitch' : step === names.AfterBake ? 'AfterBake' : undefined;
}
