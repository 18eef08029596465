import type { IndexedRepo } from '../api/indexed-repo.ts';
import { declarationHash } from './declaration-hash.ts';
import { shapeHash } from './shape.ts';

/**
 * Names what a rollback holds back: the declared shape, the declared image and the revision. Nothing else of the spec is in
 * it, so that no other edit, a pause least of all, builds again what somebody has just left. The operator's own default
 * image is not in it either: an upgrade at night must not lift a hold.
 */
export function heldShapeOf({ index, worker, rebuild }: IndexedRepo['spec']): string {
  return declarationHash({ shape: shapeHash(index), image: worker?.image, revision: rebuild.revision });
}

/** The hash of the shape that is held back now, to be compared with that of a version; undefined when none is. */
export function shapeHeldBack({ spec, status }: IndexedRepo): string | undefined {
  const held = status.rebuild?.heldShape;
  return held !== undefined && held === heldShapeOf(spec) ? shapeHash(spec.index) : undefined;
}
