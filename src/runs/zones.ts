import { isHeldInBuildZone, type KeptOff, type Zones } from '../domain/zones.ts';
import { versionSet, type VersionSet } from '../alias/version-set.ts';
import type { Capacity, ClusterNode, IndexDescription, ShardCopy } from '../engine/port.ts';
import type { PodPlace } from '../work/pod-place.ts';
import { candidateSet, ground, metaOf } from './facts.ts';
import type { Observed } from './observed.ts';
import { engineQuestion } from './step.ts';

/** What steps ask about zones. All pure but for the questions. */

/** The request wants its version built in the build zone. */
export function wantsBuildZone({ request, traits }: Pick<Observed, 'request' | 'traits'>): boolean {
  return traits.builds && request.spec.build?.placement === 'BuildZone';
}

/** The zones that the candidate was made for, whatever is declared by now; undefined = there is none, or it lies anywhere. */
export function zonesOfCandidate(o: Observed): Zones | undefined {
  const [made] = (o.traits.builds && candidateSet(o)?.indices) || [];
  return made && metaOf(made).zones;
}

/** It has not left the build zone yet: an index of it may lie nowhere else. */
export function isInBuildZone(o: Observed, zones: Zones): boolean {
  return candidateSet(o)?.indices.some(({ settings }) => isHeldInBuildZone(settings, zones)) === true;
}

/** Nodes of these zones that take shards. */
export function nodesIn(
  zones: readonly string[],
  attribute: string,
  nodes: readonly ClusterNode[],
): readonly ClusterNode[] {
  return nodes.filter(node => node.takesShards && zones.includes(node.attributes[attribute] ?? ''));
}

export const clusterNodes = engineQuestion(
  'nodes of the cluster',
  async (_o, { engine }): Promise<Capacity['nodes']> => {
    const { nodes } = await engine.cluster.capacity();
    return nodes;
  },
);

/** Every copy of the candidate's shards. */
export const shardsOfCandidate = engineQuestion(
  'shards of the candidate',
  async (o, { engine }): Promise<readonly ShardCopy[]> => engine.indices.shards(namesOf(candidateSet(o))),
);

/** The version that serves; undefined = none does. */
export function liveSet(o: Observed): VersionSet | undefined {
  const { engine, record, alias } = ground(o);
  return record.live === null ? undefined : versionSet(engine, alias, record.live);
}

export function namesOf(set: Pick<VersionSet, 'indices'> | undefined): readonly string[] {
  return (set?.indices ?? []).map(({ name }) => name);
}

/** A primary that answers. */
export function isActive({ state }: ShardCopy): boolean {
  return state === 'STARTED' || state === 'RELOCATING';
}

/** `0 of kibana-v2`, for people: shards of which no copy answers. */
export function lostShards(copies: readonly ShardCopy[]): readonly string[] {
  return copies.filter(copy => copy.primary && !isActive(copy)).map(({ shard, index }) => `${shard} of ${index}`);
}

/** Indices of this owner that a request keeps off a zone, with the note that says so. */
export function keptOffIndices(
  o: Observed,
  isMeant: (note: KeptOff) => boolean,
): readonly { readonly index: IndexDescription; readonly note: KeptOff }[] {
  return (o.engine?.indices ?? []).flatMap(index => {
    const { ownerUid, keptOff: note } = metaOf(index);
    return note && ownerUid === o.target?.uid && isMeant(note) ? [{ index, note }] : [];
  });
}

/** Where workers of the run reach the engine: through nodes of the build zone, while the candidate lies there. */
export function placeOfWorkers(o: Observed): PodPlace | undefined {
  const { place } = o;
  const zones = zonesOfCandidate(o);
  const { endpoints = [] } = o.request.status.buildZone ?? {};
  if (!place || !zones || !isInBuildZone(o, zones)) return place;
  const declared = place.engine.endpoints.filter(each => endpoints.includes(each));
  return declared.length === 0 ? place : { ...place, engine: { ...place.engine, endpoints: declared } };
}

/** How long the step of this name is at hand, in ms; 0 = it has only begun. */
export function stepMs({ request, now }: Observed, name: string): number {
  const started = request.status.steps?.find(step => step.name === name)?.started;
  return started === undefined ? 0 : now.getTime() - Date.parse(started);
}

/** Which zone has no node that takes shards, and what there is instead; undefined = each has one. */
export function missingZone({ attribute, build, serving }: Zones, nodes: readonly ClusterNode[]): string | undefined {
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
