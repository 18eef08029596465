import { randomBytes } from 'node:crypto';
import { exitCodes } from '../api/exit-codes.ts';
import { apiVersion } from '../api/meta.ts';
import type { KubeObject, NewObject } from '../api/object.ts';
import { reindexRequestResource } from '../api/reindex-request.ts';
import { nameStem } from '../domain/child-name.ts';
import { DeclinedError } from '../reading/declined.ts';
import type { Desk } from '../reading/desk.ts';
import { findRepo } from '../reading/find-runs.ts';
import type { Repo } from '../reading/repo.ts';

export type RollbackAsked = { readonly toVersion?: number; readonly warmFirst?: boolean };

/** Asks for a return to the version before the live one, or to the one that is named. */
export async function askRollback(desk: Desk, argument: string, asked: RollbackAsked): Promise<KubeObject> {
  const repo = await findRepo(desk, argument);
  requireReturn(repo, asked.toVersion);
  const rollback = {
    ...(asked.toVersion !== undefined && { toVersion: asked.toVersion }),
    ...(asked.warmFirst === true && { warmFirst: true }),
  };
  return createRequest(desk, `${repo.name}-back`, {
    target: { repoRef: { name: repo.name } },
    strategy: 'Rollback',
    ...(Object.keys(rollback).length > 0 && { rollback }),
  });
}

/** What the operator would refuse is refused here: at night a typing error should show at once. */
function requireReturn({ name, status }: Repo, toVersion: number | undefined): void {
  const retired = status?.retired ?? [];
  if (retired.length === 0) {
    throw new DeclinedError(exitCodes.refGone, `IndexedRepo ${name} has no retired version to return to`);
  }
  if (toVersion === undefined || retired.some(({ number }) => number === toVersion)) return;
  const known = retired.map(({ number }) => number).join(', ');
  const why = `IndexedRepo ${name} has no retired version ${toVersion}: it has ${known}`;
  throw new DeclinedError(exitCodes.refGone, why);
}

/**
 * A request under a name of its own, as `generateName` makes them. The name is made here, so that it is known before the
 * answer: whoever is cut off in between can look for the object, and remove it.
 */
export async function createRequest(desk: Desk, stem: string, spec: object): Promise<KubeObject> {
  for (;;) {
    const name = `${nameStem(stem, longestStem)}-${randomBytes(3).toString('hex')}`;
    const created = await desk.kube.create(reindexRequestResource, requestNamed(desk, name, spec));
    if (created !== 'exists') return created;
  }
}

/** As many characters as a label value has: the name of a request ends up in labels of its Jobs. */
const longestStem = 63 - '-abcdef'.length;

export function requestNamed({ namespace }: Desk, name: string, spec: object): NewObject {
  return { apiVersion, kind: reindexRequestResource.kind, metadata: { namespace, name }, spec };
}
