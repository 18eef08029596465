import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import { childName } from '../domain/child-name.ts';
import { heldShapeOf } from '../domain/held-shape.ts';
import { shapeHash } from '../domain/shape.ts';
import { strategyOf } from '../runs/strategies.ts';
import type { Observed } from './observed.ts';

/** What a rollback left is not built again by itself (docs/design/0015). All pure. */

/**
 * The hold that follows from this look: begun when the alias is first seen to serve the version that a rollback returned
 * to, kept as long as what it names is declared, whatever becomes of the request, and over for good with the first look at
 * another declaration or at a version that no rollback made live.
 */
export function heldShape(o: Observed): string | undefined {
  const kept = keptHold(o.repo);
  const number = o.engine?.live?.number;
  if (number === undefined || number === o.repo.status.live?.number) return kept;
  const rollback = lastRollbackTo(number, o);
  if (!rollback) return undefined;
  // What was declared after the version that was left, and never went live, is nobody's reason for a rollback.
  return hasLeft(rollback, o.repo) ? heldShapeOf(o.repo.spec) : kept;
}

function keptHold({ metadata, spec, status }: IndexedRepo): string | undefined {
  const before = status.rebuild?.heldShape;
  const now = heldShapeOf(spec);
  return before === now || before === heldByGeneration({ metadata, spec }) ? now : undefined;
}

/** As release 0.1.0 wrote it: a hold outlives the upgrade of the operator. */
function heldByGeneration({ metadata, spec }: Pick<IndexedRepo, 'metadata' | 'spec'>): string {
  return childName(
    { parent: 'cause' },
    shapeHash(spec.index),
    spec.rebuild.revision ?? '',
    String(metadata.generation),
  );
}

/** Requests outlive an IndexedRepo that goes with its versions kept: those of an earlier object of this name do not count. */
function lastRollbackTo(number: number, { repo, requests }: Observed): ReindexRequest | undefined {
  return requests.findLast(
    ({ metadata, spec, status }) =>
      !strategyOf({ spec }).traits.builds &&
      status.to?.number === number &&
      metadata.creationTimestamp >= repo.metadata.creationTimestamp,
  );
}

function hasLeft({ status }: ReindexRequest, { spec }: IndexedRepo): boolean {
  const left = status.from?.shape;
  return left === undefined || left === shapeHash(spec.index);
}
