import { indexedRepoResource } from '../api/indexed-repo.ts';
import type { Resource } from '../api/object.ts';
import type { Desk } from './desk.ts';
import { unfinishedRuns } from './find-runs.ts';
import { repoOf } from './repo.ts';
import { aliasOf } from './run.ts';

/** A name that somebody may mean, and what it is. */
export type KnownName = { readonly word: string; readonly about: string };

/** Requests of the namespace that are not over. */
export async function runNames(desk: Desk): Promise<readonly KnownName[]> {
  const runs = await unfinishedRuns(desk);
  return runs.map(run => ({ word: run.name, about: `${run.spec.strategy} of ${aliasOf(run)}, ${run.status.phase}` }));
}

/** IndexedRepos of the namespace. */
export async function repoNames({ kube, namespace }: Desk): Promise<readonly KnownName[]> {
  const repos = (await kube.list(indexedRepoResource, namespace)).map(repoOf);
  return repos.map(({ name, spec: { alias } }) => ({ word: name, about: `IndexedRepo with alias ${alias}` }));
}

const namespaces: Resource = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace' };

/** Namespaces of the cluster, where the user may list them. */
export async function namespaceNames({ kube }: Desk): Promise<readonly string[]> {
  return (await kube.list(namespaces, '')).map(({ metadata }) => metadata.name);
}
