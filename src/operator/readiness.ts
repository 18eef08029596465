import type { LeaderElection } from '../kube/leader.ts';
import type { Check } from '../runtime/health.ts';
import type { Operator } from './assemble.ts';

/**
 * What /readyz answers. A replica that waits for its own leader is ready, or no rolling update would go on; one that
 * another installation keeps out is not: its turn may never come.
 */
export function readiness(operator: Pick<Operator, 'synced'>, election: Pick<LeaderElection, 'shutOut'>): Check {
  return () => [...(operator.synced ? [] : ['the first lists are not in yet']), ...keptOut(election)];
}

function keptOut({ shutOut: waiting }: Pick<LeaderElection, 'shutOut'>): readonly string[] {
  if (waiting === undefined) return [];
  const { lease, holder } = waiting;
  return [`lease ${lease.namespace}/${lease.name} is held by another installation: ${holder}`];
}
