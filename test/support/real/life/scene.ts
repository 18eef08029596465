import type { FaultRecord } from '../../checks/fault-table.ts';
import type { ControlStage } from '../control-stage.ts';
import type { HttpFaultProxy } from '../http-fault-proxy.ts';
import type { TcpProxy } from '../tcp-proxy.ts';
import type { ShiftedClock } from '../a-shifted-clock.ts';
import type { Crew } from './crew.ts';
import type { LifeRuns } from './life-runs.ts';
import type { LivingRepo } from './living-repo.ts';

/** All that a fault of daily life can be done to. */
export type LifeScene = {
  readonly stage: ControlStage;
  readonly crew: Crew;
  readonly runs: LifeRuns;
  /** Those that were declared so far. */
  readonly repos: readonly LivingRepo[];
  /** Between the operators and the API server, below TLS. */
  readonly kubeWire: TcpProxy;
  /** Between them as well, request by request. */
  readonly api: HttpFaultProxy;
  readonly git: HttpFaultProxy;
  readonly clock: ShiftedClock;
  /** User of the engine that is the operator's alone; undefined where the engine has no users. */
  readonly login: Login | undefined;
  /** Numbers from 0 up to 1, by the seed. */
  readonly roll: () => number;
  readonly record: FaultRecord;
};

export type Login = {
  /** Gives the user another password, and waits until the engine takes it. */
  rotate(): Promise<void>;
  /** Writes the password of now into the Secret. */
  tell(): Promise<void>;
  readonly passwords: readonly string[];
};

/** One kind of fault: does it, and takes it away. What it did is counted by the record. */
export type LifeFault = {
  /** Row of the fault matrix. */
  readonly row: string;
  readonly name: string;
  /** How often it strikes in the whole form. */
  readonly times: number;
  readonly needs?: 'users';
  strike(scene: LifeScene): Promise<void>;
};

export function oneOf<T>(all: readonly T[], roll: () => number): T | undefined {
  return all[Math.floor(roll() * all.length)];
}
