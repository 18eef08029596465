import { describe, expect, it } from '@jest/globals';
import { heldShapeOf } from '../../../src/domain/held-shape.ts';
import { shapeHash } from '../../../src/domain/shape.ts';
import { heldShape } from '../../../src/indexed-repo/hold.ts';
import { childName } from '../../../src/domain/child-name.ts';
import { aKeptRepo, aRestingRepo } from '../../support/objects/a-repo-look.ts';
import { aReindexRequest, at } from '../../support/objects/an-object.ts';

const bad = { shards: 2, replicas: 1 };
const version = (number: number) => ({ name: `kibana-v${number}`, number, indices: [`kibana-v${number}`] });
/** kibana-v1 serves; the status may still say that kibana-v2 does. */
const look = (
  { before = 2, held, spec = {} }: { before?: number; held?: string; spec?: object },
  requests: readonly ReturnType<typeof aReindexRequest>[] = [],
) =>
  heldShape(
    aRestingRepo({
      repo: aKeptRepo({
        spec: { index: bad, ...spec },
        metadata: { creationTimestamp: at(10), generation: 7 },
        status: { live: version(before), ...(held !== undefined && { rebuild: { heldShape: held } }) },
      }),
      requests,
    }),
  );
const rollback = (left: string | undefined, made = at(20)) =>
  aReindexRequest({
    spec: { strategy: 'Rollback' },
    metadata: { creationTimestamp: made },
    status: { to: version(1), from: { ...version(2), ...(left !== undefined && { shape: left }) } },
  });
const hold = heldShapeOf(aKeptRepo({ spec: { index: bad } }).spec);
const left = shapeHash(bad);

describe('what is held back', () => {
  it.each<readonly [string, string | undefined, string | undefined]>([
    ['is what a rollback left', look({}, [rollback(left)]), hold],
    ['is what it left when nobody knows the shape of that any more', look({}, [rollback(undefined)]), hold],
    ['is not what was never left', look({}, [rollback('other')]), undefined],
    ['is what an earlier rollback left, after one further back', look({ held: hold }, [rollback('other')]), hold],
    ['is nothing after a rollback of an object before this one', look({}, [rollback(left, at(9))]), undefined],
    ['is nothing after a switch that was no rollback', look({ held: hold }), undefined],
    ['stays so without the request', look({ before: 1, held: hold }), hold],
    ['stays so whatever else is edited', look({ before: 1, held: hold, spec: { paused: true, light: {} } }), hold],
    ['is over with another shape', look({ before: 1, held: hold, spec: { index: { shards: 3 } } }), undefined],
    ['is over with another image', look({ before: 1, held: hold, spec: { worker: { image: 'a:2' } } }), undefined],
    ['is over with another revision', look({ before: 1, held: hold, spec: { rebuild: { revision: 'b' } } }), undefined],
    ['outlives the upgrade from 0.1.0', look({ before: 1, held: childName({ parent: 'cause' }, left, '', '7') }), hold],
    [
      'does not when the spec was edited before it',
      look({ before: 1, held: childName({ parent: 'cause' }, left, '', '6') }),
      undefined,
    ],
  ])('%s', (_what, found, expected) => {
    expect(found).toBe(expected);
  });
});
