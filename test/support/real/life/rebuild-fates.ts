import type { ReindexRequest } from '../../../../src/api/reindex-request.ts';
import { isBaking } from '../../../../src/runs/control.ts';
import type { RebuildFate } from '../../objects/a-life-plan.ts';
import { dice } from '../../objects/dice.ts';

/** What can be done to one request. */
export type Steering = {
  /** Waits a random number of seconds. */
  readonly thinks: (from: number, to: number) => Promise<unknown>;
  /** False when it ended before. */
  readonly until: (holds: (request: ReindexRequest) => boolean) => Promise<boolean>;
  readonly set: (spec: object) => Promise<void>;
  readonly remove: () => Promise<void>;
};

type Fate = {
  readonly spec: object;
  /** Reasons that it may end with. */
  readonly may: readonly string[];
  readonly steer: (steering: Steering) => Promise<void>;
};

const well = ['Succeeded'];
/** It may have been over before the abort was written, or too far. */
const given = ['Aborted', 'RolledBack', 'IgnoredInStage', 'Succeeded'];
const oneMinute = { bake: { for: '1m' } };

const atGate = ({ status }: ReindexRequest): boolean => status.gate !== undefined;
const inBake = ({ status }: ReindexRequest): boolean => isBaking(status);
const hasStarted = ({ status }: ReindexRequest): boolean => status.started !== undefined;

function then(holds: (request: ReindexRequest) => boolean, most: number, act: (given: Steering) => Promise<void>) {
  return async (steering: Steering): Promise<void> => {
    if (!(await steering.until(holds))) return;
    await steering.thinks(0.3, most);
    await act(steering);
  };
}

const abort = ({ set }: Steering): Promise<void> => set({ abort: true });
const remove = ({ remove: gone }: Steering): Promise<void> => gone();
const pause = async ({ set, thinks }: Steering): Promise<void> => {
  await set({ paused: true });
  await thinks(4, 20);
  await set({ paused: false });
};

export const fates: Readonly<Record<RebuildFate, Fate>> = {
  nothing: { spec: {}, may: well, steer: async () => undefined },
  'gate approved': {
    spec: { gates: ['BeforeSwitch'] },
    may: well,
    steer: then(atGate, 20, ({ set }) => set({ approved: ['BeforeSwitch'] })),
  },
  'gate aborted': { spec: { gates: ['BeforeSwitch'] }, may: ['Aborted'], steer: then(atGate, 20, abort) },
  'request deleted at the gate': { spec: { gates: ['BeforeSwitch'] }, may: [], steer: then(atGate, 20, remove) },
  baked: { spec: oneMinute, may: well, steer: async () => undefined },
  'aborted in the bake': { spec: oneMinute, may: given, steer: then(inBake, 30, abort) },
  'request deleted in the bake': { spec: oneMinute, may: well, steer: then(inBake, 30, remove) },
  'gate after the bake approved': {
    spec: { gates: ['AfterBake'] },
    may: well,
    steer: then(atGate, 20, ({ set }) => set({ approved: ['AfterBake'] })),
  },
  'aborted at the gate after the bake': {
    spec: { gates: ['AfterBake'], ...oneMinute },
    may: given,
    steer: then(atGate, 10, abort),
  },
  paused: { spec: {}, may: well, steer: then(hasStarted, 8, pause) },
  'paused in the bake': { spec: oneMinute, may: well, steer: then(inBake, 20, pause) },
  aborted: { spec: {}, may: given, steer: then(hasStarted, 12, abort) },
  'request deleted': { spec: {}, may: well, steer: then(hasStarted, 12, remove) },
};

/** Some of them check and warm more than they have to. */
export function specOf(fate: RebuildFate, seed: number): object {
  const roll = dice(seed + 1);
  const queries = [{ name: 'chunks', body: { term: { doc: 'chunk' } } }];
  // What a worker read back whole stands in the last words of its pod, and there are no pods here: not Full.
  const verify = { ...(roll() < 0.4 && { digest: 'None' }), ...(roll() < 0.4 && { queries }) };
  return { ...fates[fate].spec, verify, ...(roll() < 0.25 && { warm: { atMost: '5s' } }) };
}
