import type { Kube } from '../kube/port.ts';
import type { SteadyClock } from '../runtime/clock.ts';

/** What a program for people works with: one namespace of one Kubernetes cluster, and never an engine. */
export type Desk = {
  readonly kube: Kube;
  /** The same, where what is written is checked and answered by the server and never done. */
  readonly trial: Kube;
  readonly namespace: string;
  readonly clock: SteadyClock;
  /** Aborted with the error to end with when the user interrupts. */
  readonly signal: AbortSignal;
};
