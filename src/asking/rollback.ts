import { exitCodes } from '../api/exit-codes.ts';
import type { KubeObject } from '../api/object.ts';
import { reindexRequestResource } from '../api/reindex-request.ts';
import { DeclinedError } from '../reading/declined.ts';
import type { Desk } from '../reading/desk.ts';
import { findRepo } from '../reading/find-runs.ts';
import type { Repo } from '../reading/repo.ts';
import { newName, requestNamed } from './new-request.ts';

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

/** A request under a name of its own, which is made here: it is known also where the answer never comes. */
async function createRequest(desk: Desk, stem: string, spec: object): Promise<KubeObject> {
  for (;;) {
    const name = newName(stem);
    const created = await desk.kube.create(reindexRequestResource, requestNamed(desk, name, spec));
    if (created !== 'exists') return created;
  }
}
