import { exitCodes } from '../api/exit-codes.ts';
import { indexedRepoKind } from '../api/indexed-repo.ts';
import type { Kind } from '../api/kind.ts';
import type { KubeObject } from '../api/object.ts';
import { reindexRequestKind } from '../api/reindex-request.ts';
import { oneLine } from '../domain/bounded-text.ts';
import { nearestName } from '../domain/nearest.ts';
import { DeclinedError } from './declined.ts';
import type { Desk } from './desk.ts';
import { type Repo, repoOf } from './repo.ts';
import { endOf, type Run, runOf } from './run.ts';

/** What an argument names, with or without its kind before it, as kubectl takes it: `rreq/NAME`, `irepo/NAME`, `NAME`. */
export type Named = { readonly kind: 'request' | 'repo' | 'any'; readonly name: string };

const dnsName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/** Throws DeclinedError for a kind that no verb is about, and for what cannot be a name. */
export function namedBy(argument: string): Named {
  const [first = '', ...rest] = argument.split('/');
  const kind = rest.length === 0 ? 'any' : kindCalled(first);
  const name = rest.length === 0 ? first : rest.join('/');
  if (kind !== undefined && dnsName.test(name) && name.length <= 253) return { kind, name };
  const shown = JSON.stringify(oneLine(argument.slice(0, 100)));
  throw new DeclinedError(exitCodes.badConfiguration, `${shown} names no run: give NAME, rreq/NAME or irepo/NAME`);
}

function kindCalled(word: string): 'request' | 'repo' | undefined {
  if (namesOf(reindexRequestKind).includes(word.toLowerCase())) return 'request';
  return namesOf(indexedRepoKind).includes(word.toLowerCase()) ? 'repo' : undefined;
}

function namesOf({ resource: { plural, group, version }, singular, shortNames }: Kind): readonly string[] {
  const long = [plural, singular].flatMap(name => [name, `${name}.${group}`, `${name}.${version}.${group}`]);
  return [...long, ...shortNames];
}

/** Which object an argument stands for. */
export type Found = { readonly is: 'run'; readonly run: Run } | { readonly is: 'repo'; readonly repo: Repo };

/** Throws DeclinedError where there is none, and where a name without a kind stands for two. */
export async function find(desk: Desk, argument: string): Promise<Found> {
  const { kind, name } = namedBy(argument);
  const [run, repo] = await Promise.all([
    kind === 'repo' ? undefined : requestNamed(desk, name),
    kind === 'request' ? undefined : repoNamed(desk, name),
  ]);
  if (run !== undefined && repo !== undefined) {
    const why = `both a ReindexRequest and an IndexedRepo are called ${name}: write rreq/${name} or irepo/${name}`;
    throw new DeclinedError(exitCodes.badConfiguration, why);
  }
  if (run !== undefined) return { is: 'run', run };
  if (repo !== undefined) return { is: 'repo', repo };
  throw new DeclinedError(exitCodes.refGone, await notThere(desk, { kind, name }));
}

/** The repo of this name; throws DeclinedError where there is none. */
export async function findRepo(desk: Desk, argument: string): Promise<Repo> {
  const { kind, name } = namedBy(argument);
  if (kind === 'request') {
    throw new DeclinedError(exitCodes.badConfiguration, 'that is a ReindexRequest: name the IndexedRepo');
  }
  const repo = await repoNamed(desk, name);
  if (repo !== undefined) return repo;
  throw new DeclinedError(exitCodes.refGone, await notThere(desk, { kind: 'repo', name }));
}

async function requestNamed({ kube, namespace }: Desk, name: string): Promise<Run | undefined> {
  const object = await kube.get(reindexRequestKind.resource, { namespace, name });
  return object && runOf(object);
}

async function repoNamed({ kube, namespace }: Desk, name: string): Promise<Repo | undefined> {
  const object = await kube.get(indexedRepoKind.resource, { namespace, name });
  return object && repoOf(object);
}

async function notThere({ kube, namespace }: Desk, { kind, name }: Named): Promise<string> {
  const searched = {
    request: [reindexRequestKind],
    repo: [indexedRepoKind],
    any: [reindexRequestKind, indexedRepoKind],
  };
  const lists = await Promise.all(searched[kind].map(async ({ resource }) => kube.list(resource, namespace)));
  const nearest = nearestName(name, lists.flat().map(nameOf));
  const kinds = searched[kind].map(({ resource }) => resource.kind).join(' or ');
  const hint = nearest === undefined ? 'another one is given with -n' : `did you mean ${nearest}?`;
  return `namespace ${namespace} has no ${kinds} ${name}: ${hint}`;
}

function nameOf({ metadata: { name } }: KubeObject): string {
  return name;
}

/** Runs of the namespace that are not over, oldest first; of one IndexedRepo, where one is named. */
export async function unfinishedRuns(desk: Desk, repo?: Repo): Promise<readonly Run[]> {
  return (await runsOf(desk, repo)).filter(run => endOf(run) === undefined);
}

/** All runs of the namespace, or of one IndexedRepo, oldest first; a dry run is none. */
export async function runsOf({ kube, namespace }: Desk, repo?: Repo): Promise<readonly Run[]> {
  const objects = await kube.list(reindexRequestKind.resource, namespace);
  const isOf = (run: Run): boolean => repo === undefined || run.spec.target.repoRef?.name === repo.name;
  const runs = objects.toSorted(byAge).map(runOf);
  return runs.filter(run => isOf(run) && !run.spec.dryRun);
}

function byAge(a: KubeObject, b: KubeObject): number {
  const [older, younger] = [a, b].map(({ metadata: { creationTimestamp, name } }) => `${creationTimestamp} ${name}`);
  return (older ?? '') < (younger ?? '') ? -1 : 1;
}

/** The one run of a repo that is not over, or undefined. Throws DeclinedError where there are several, and names them. */
export async function unfinishedRun(desk: Desk, repo: Repo): Promise<Run | undefined> {
  const [run, ...others] = await unfinishedRuns(desk, repo);
  if (run === undefined || others.length === 0) return run;
  const listed = [run, ...others].map(({ name, spec, status }) => `rreq/${name} (${spec.strategy}, ${status.phase})`);
  const why = `IndexedRepo ${repo.name} has ${listed.length} unfinished runs, name one: ${listed.join(', ')}`;
  throw new DeclinedError(exitCodes.badConfiguration, why);
}
