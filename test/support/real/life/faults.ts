import { faultsOfEngine } from './faults-of-engine.ts';
import { faultsOfKubernetes } from './faults-of-kubernetes.ts';
import { faultsOfPrograms } from './faults-of-programs.ts';
import type { LifeFault } from './scene.ts';

/** Each fault of daily life by its name, once for each time that it strikes. */
export const lifeFaults: readonly LifeFault[] = [...faultsOfPrograms, ...faultsOfKubernetes, ...faultsOfEngine];

export function faultNamed(name: string): LifeFault {
  const found = lifeFaults.find(fault => fault.name === name);
  if (found === undefined) throw new Error(`no fault is called ${name}`);
  return found;
}
