import type { Zones } from '../../domain/zones.ts';
import type { ClusterNode } from '../../engine/port.ts';
import { answerTo } from '../../plan/question.ts';
import { ask, done, fail, wait } from '../../plan/step.ts';
import { candidateSet } from '../facts.ts';
import type { RunStep } from '../step.ts';
import { clusterNodes, nodesIn, wantsBuildZone } from '../zones.ts';

/** How soon a zone that is gone is looked for again. */
const awayMs = 15_000;

/** Refuses a build in a zone that the cluster has not, before anything is made there. */
export const findZone: RunStep = {
  name: 'find-zone',
  phase: 'Preflight',
  look: o => {
    if (!wantsBuildZone(o) || candidateSet(o)) return done;
    if (!o.zones)
      return fail('NoBuildZone', 'build.placement is BuildZone, and the SearchCluster declares no spec.zones');
    const nodes = answerTo(o, clusterNodes);
    if (!nodes) return ask(clusterNodes);
    const missing = missingZone(o.zones, nodes);
    if (missing === undefined) return done;
    // It was there before: its node is away, and what was built there is lost already.
    return o.request.status.buildZone ? wait('NoBuildZone', missing, awayMs) : fail('NoBuildZone', missing);
  },
};

function missingZone({ attribute, build, serving }: Zones, nodes: readonly ClusterNode[]): string | undefined {
  const wanted = [[build], serving].find(zones => nodesIn(zones, attribute, nodes).length === 0);
  if (!wanted) return undefined;
  const found = nodes.filter(({ takesShards }) => takesShards).map(node => saying(node, attribute));
  const needed = wanted.map(zone => `${attribute}=${zone}`).join(' or ');
  return `a node that takes shards is needed with ${needed}; there are ${shown(found)}`;
}

const mostNamed = 8;

function saying({ name, attributes }: ClusterNode, attribute: string): string {
  return `${name} (${attribute in attributes ? `${attribute}=${attributes[attribute] ?? ''}` : `no ${attribute}`})`;
}

function shown(found: readonly string[]): string {
  if (found.length === 0) return 'none';
  const rest = found.length - mostNamed;
  return `${found.slice(0, mostNamed).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
