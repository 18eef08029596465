import { describe, expect, it } from '@jest/globals';
import { indexedRepoKind } from '../../../src/api/indexed-repo.ts';
import { readObject } from '../../../src/api/kind.ts';
import type { ObjectMeta } from '../../../src/api/object.ts';

const metadata: ObjectMeta = {
  name: 'billing',
  namespace: 'search',
  uid: '1',
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: '2026-01-01T00:00:00Z',
};
const spec = {
  clusterRef: { name: 'main' },
  alias: 'billing',
  source: { url: 'git@git.corp.example:pay/billing.git' },
};

describe('reading an object', () => {
  it('fills in every default, as the API server does', () => {
    const read = readObject(indexedRepoKind, { metadata, spec });
    expect(read).toMatchObject({
      is: 'valid',
      object: {
        spec: {
          timeZone: 'Etc/UTC',
          light: { schedule: '@every 10m', deadline: '1h' },
          heavy: {},
          index: { replicas: 1 },
          rebuild: { retries: 2 },
          retain: { versions: 1 },
          freshWithin: '1h',
          paused: false,
          deletionPolicy: 'Retain',
          source: { maxFileBytes: 1_048_576 },
        },
      },
    });
  });

  it('answers an empty status before the first reconcile', () => {
    expect(readObject(indexedRepoKind, { metadata, spec })).toMatchObject({ object: { status: {} } });
  });

  it('names every field of a spec that another release wrote', () => {
    const read = readObject(indexedRepoKind, { metadata, spec: { ...spec, adopt: true, paused: 'no' } });
    expect(read).toEqual({ is: 'invalid', message: expect.stringContaining('spec.adopt: unknown field') });
    expect(read).toEqual({ is: 'invalid', message: expect.stringContaining('spec.paused: ') });
  });

  it('leaves out the one field of a status that it cannot read, and keeps the others', () => {
    const lock = { holder: 'ReindexRequest/x', kind: 'Heavy', token: 7, since: '2026-01-01T00:00:00Z' };
    const status = { observedGeneration: 3, lock, live: 'billing-v1', hints: { later: true } };
    expect(readObject(indexedRepoKind, { metadata, spec, status })).toMatchObject({
      is: 'valid',
      object: { status: { observedGeneration: 3, lock } },
    });
  });

  it('leaves out the one condition that it cannot read, and keeps the others', () => {
    const good = { status: 'True', message: '', lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 1 };
    const ready = { ...good, type: 'Ready', reason: 'Live' };
    const status = { conditions: [{ ...good, type: 'Fresh', reason: 'not a reason' }, ready, 'torn'] };
    expect(readObject(indexedRepoKind, { metadata, spec, status })).toMatchObject({
      object: { status: { conditions: [ready] } },
    });
  });
});
