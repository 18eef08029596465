import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import { childName } from '../domain/child-name.ts';
import { heldShapeOf } from '../domain/held-shape.ts';
import { shapeHash } from '../domain/shape.ts';
import { isReturning } from '../runs/facts.ts';
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
  const back = lastReturnTo(number, o);
  if (!back) return undefined;
  // What was declared after the version that was left, and never went live, was no reason to return.
  return hasLeft(back, o.repo) ? heldShapeOf(o.repo.spec) : kept;
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

/** A way back that a run has made: the shape of the version that it left, as far as that is known. */
type Return = { readonly left: string | undefined };

/** Requests outlive an IndexedRepo that goes with its versions kept: those of an earlier object of this name do not count. */
function lastReturnTo(number: number, { repo, requests }: Observed): Return | undefined {
  return requests
    .filter(({ metadata }) => metadata.creationTimestamp >= repo.metadata.creationTimestamp)
    .flatMap(request => (servesBy(request) === number ? [{ left: leftBy(request) }] : []))
    .at(-1);
}

/** The version that the alias serves again by this request; undefined for one that brought a new version, or gave a return up. */
function servesBy(request: ReindexRequest): number | undefined {
  const { from, to } = request.status;
  const { builds } = strategyOf(request).traits;
  if (isReturning({ request })) return builds ? from?.number : undefined;
  return builds ? undefined : to?.number;
}

function leftBy({ spec, status: { from, to } }: ReindexRequest): string | undefined {
  return (strategyOf({ spec }).traits.builds ? to : from)?.shape;
}

function hasLeft({ left }: Return, { spec }: IndexedRepo): boolean {
  return left === undefined || left === shapeHash(spec.index);
}
