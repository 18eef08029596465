import type { GateName } from '../../api/fragments.ts';
import { done, wait } from '../../plan/step.ts';
import { isClosed } from '../control.ts';
import type { RunStep } from '../step.ts';

/** How often what goes on at a gate is looked at; the watch tells of an approval. */
const gateMs = 10_000;

const names = { BeforeSwitch: 'gate-before-switch', AfterBake: 'gate-after-bake' } as const;

/** Waits until a human approves, where the request asks for that. */
export function gate(of: GateName): RunStep {
  return {
    name: names[of],
    phase: 'AwaitingApproval',
    // An IndexedRepo that is deleted goes only once its runs are over; an abort for which it is too late ends the wait all the same.
    look: ({ request, target }) =>
      isClosed(request, of) && request.spec.abort !== true && target?.leavingSince === undefined
        ? wait('AwaitingApproval', `gate ${of}: add it to spec.approved to go on, or set spec.abort`, gateMs)
        : done,
  };
}

/** The gate that a step of this name is. */
export function gateOf(step: string | undefined): GateName | undefined {
  return step === names.BeforeSwitch ? 'BeforeSwitch' : step === names.AfterBake ? 'AfterBake' : undefined;
}
