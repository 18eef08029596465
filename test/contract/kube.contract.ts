import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Key, KubeObject, NewObject, Resource } from '../../src/api/object.ts';
import { ConflictError } from '../../src/domain/errors.ts';
import type { Cache, Kube } from '../../src/kube/port.ts';
import { eventually } from '../support/checks/eventually.ts';

/** A kind with a status subresource that only these tests know; `Subject.install` makes the server know it. */
export const widgets: Resource = { group: 'contract.reindeer.test', version: 'v1', plural: 'widgets', kind: 'Widget' };

export type Widget = KubeObject & {
  readonly spec?: { readonly size?: number; readonly colours?: readonly string[] };
  readonly status?: { readonly phase?: string; readonly seen?: number };
};

type WatchOptions<T> = {
  readonly resource: Resource;
  readonly namespace: string;
  readonly labelSelector?: string;
  readonly project: (raw: KubeObject) => T | undefined;
  readonly onChange: (key: Key) => void;
};

/** What the suite runs on. */
export type Subject = {
  readonly kube: Kube;
  watch<T>(options: WatchOptions<T>): { readonly cache: Cache<T>; start(): void; stop(): Promise<void> };
  makeNamespace(name: string): Promise<void>;
};

const aWidget = (namespace: string, name: string, more: object = {}): NewObject => ({
  apiVersion: 'contract.reindeer.test/v1',
  kind: 'Widget',
  metadata: { namespace, name },
  spec: { size: 1 },
  ...more,
});

/** What everything above `Kube` relies on, of whatever implements it. */
export const kubeContract = (name: string, subject: () => Promise<Subject>): void => {
  describe(`Kube: ${name}`, () => {
    let kube: Kube;
    let on: Subject;
    let namespace: string;
    const made = async (name: string, more: object = {}): Promise<Widget> => {
      const created = await kube.create<Widget>(widgets, aWidget(namespace, name, more));
      if (created === 'exists') throw new Error(`${name} exists`);
      return created;
    };
    const key = (name: string): Key => ({ namespace, name });

    beforeAll(async () => {
      on = await subject();
      kube = on.kube;
    });
    beforeEach(async () => {
      namespace = `contract-${randomUUID().slice(0, 8)}`;
      await on.makeNamespace(namespace);
    });

    describe('create and get', () => {
      it('gives a new object its uid, version, generation 1 and time, and leaves its status out', async () => {
        const created = await made('a', { status: { phase: 'Forged' } });
        expect(created.metadata).toMatchObject({ namespace, name: 'a', generation: 1 });
        expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
        expect(created.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        expect(created.status).toBeUndefined();
        expect(await kube.get(widgets, key('a'))).toEqual(created);
      });

      it('answers exists when the name is taken, and does not touch what is there', async () => {
        const first = await made('a');
        expect(await kube.create(widgets, aWidget(namespace, 'a', { spec: { size: 2 } }))).toBe('exists');
        expect(await kube.get(widgets, key('a'))).toEqual(first);
      });

      it('answers undefined for what does not exist', async () => {
        expect(await kube.get(widgets, key('nobody'))).toBeUndefined();
      });
    });

    describe('list', () => {
      it('answers one namespace, or those that a label selects, in the order of names', async () => {
        await made('b', { metadata: { namespace, name: 'b', labels: { colour: 'red' } } });
        await made('a');
        const names = (found: readonly KubeObject[]): string[] => found.map(object => object.metadata.name);
        expect(names(await kube.list(widgets, namespace))).toEqual(['a', 'b']);
        expect(names(await kube.list(widgets, namespace, { labels: 'colour=red' }))).toEqual(['b']);
        expect(names(await kube.list(widgets, namespace, { labels: 'colour=blue' }))).toEqual([]);
        expect(names(await kube.list(widgets, namespace, { fields: 'metadata.name=a' }))).toEqual(['a']);
      });

      it('answers all namespaces when none is given', async () => {
        const { uid } = (await made('everywhere')).metadata;
        const found = await kube.list(widgets, '');
        expect(found.map(object => object.metadata.uid)).toContain(uid);
      });

      it('answers more than one page', async () => {
        const names = Array.from({ length: 503 }, (_, i) => `w-${i}`);
        while (names.length > 0) await Promise.all(names.splice(0, 20).map(async name => made(name)));
        const found = await kube.list(widgets, namespace);
        expect(new Set(found.map(object => object.metadata.name)).size).toBe(503);
      });
    });

    describe('patchStatus', () => {
      it('merges into the status alone: spec and generation stay', async () => {
        const created = await made('a');
        const first = await patched(
          kube.patchStatus<Widget>(widgets, key('a'), versionOf(created), { phase: 'New', seen: 1 }),
        );
        const second = await patched(
          kube.patchStatus<Widget>(widgets, key('a'), versionOf(first), { phase: null, seen: 2 }),
        );
        expect(second).toMatchObject({ spec: { size: 1 }, status: { seen: 2 }, metadata: { generation: 1 } });
        expect(second.status).not.toHaveProperty('phase');
      });

      it('refuses a version that is not the newest', async () => {
        const created = await made('a');
        await kube.patchStatus(widgets, key('a'), versionOf(created), { phase: 'New' });
        const stale = kube.patchStatus(widgets, key('a'), versionOf(created), { phase: 'Old' });
        await expect(stale).rejects.toBeInstanceOf(ConflictError);
        expect((await kube.get<Widget>(widgets, key('a')))?.status?.phase).toBe('New');
      });

      it('writes nothing when nothing changes', async () => {
        const created = await made('a');
        const first = await patched(kube.patchStatus<Widget>(widgets, key('a'), versionOf(created), { phase: 'New' }));
        const again = await patched(kube.patchStatus<Widget>(widgets, key('a'), versionOf(first), { phase: 'New' }));
        expect(versionOf(again)).toBe(versionOf(first));
      });

      it('answers gone for what does not exist', async () => {
        expect(await kube.patchStatus(widgets, key('nobody'), '1', { phase: 'New' })).toBe('gone');
      });
    });

    describe('patch', () => {
      it('moves the generation with the spec, not with metadata, and leaves the status alone', async () => {
        const created = await made('a');
        const labelled = await patched(
          kube.patch<Widget>(widgets, key('a'), versionOf(created), {
            metadata: { labels: { colour: 'red' } },
            status: { phase: 'Forged' },
          }),
        );
        expect(labelled.metadata).toMatchObject({ generation: 1, labels: { colour: 'red' } });
        expect(labelled.status).toBeUndefined();
        const resized = await patched(
          kube.patch<Widget>(widgets, key('a'), undefined, { spec: { size: 5, colours: ['red'] } }),
        );
        expect(resized).toMatchObject({ spec: { size: 5, colours: ['red'] }, metadata: { generation: 2 } });
      });

      it('refuses a stale version and answers gone for what does not exist', async () => {
        const created = await made('a');
        await kube.patch(widgets, key('a'), undefined, { spec: { size: 2 } });
        await expect(kube.patch(widgets, key('a'), versionOf(created), { spec: { size: 3 } })).rejects.toBeInstanceOf(
          ConflictError,
        );
        expect(await kube.patch(widgets, key('nobody'), undefined, { spec: { size: 3 } })).toBe('gone');
      });
    });

    describe('delete and finalizers', () => {
      it('keeps a deleted object until its last finalizer is removed', async () => {
        const created = await made('a');
        const guarded = await patched(
          kube.setFinalizers<Widget>(widgets, key('a'), versionOf(created), ['reindeer.test/one', 'reindeer.test/two']),
        );
        expect(await kube.delete(widgets, key('a'), guarded.metadata.uid)).toBe('deleted');
        const going = await kube.get<Widget>(widgets, key('a'));
        expect(going?.metadata).toMatchObject({
          generation: 2,
          finalizers: ['reindeer.test/one', 'reindeer.test/two'],
        });
        expect(going?.metadata.deletionTimestamp).toMatch(/Z$/);
        const half = await patched(
          kube.setFinalizers<Widget>(widgets, key('a'), versionOf(going!), ['reindeer.test/two']),
        );
        await kube.setFinalizers(widgets, key('a'), versionOf(half), []);
        expect(await kube.get(widgets, key('a'))).toBeUndefined();
      });

      it('refuses finalizers on a version that is not the newest', async () => {
        const created = await made('a');
        await kube.patch(widgets, key('a'), undefined, { spec: { size: 2 } });
        const stale = kube.setFinalizers(widgets, key('a'), versionOf(created), ['reindeer.test/one']);
        await expect(stale).rejects.toBeInstanceOf(ConflictError);
      });

      it('deletes nothing that has the name but not the uid', async () => {
        const created = await made('a');
        expect(await kube.delete(widgets, key('a'), randomUUID())).toBe('missing');
        expect(await kube.get(widgets, key('a'))).toEqual(created);
      });

      it('answers missing for what does not exist', async () => {
        expect(await kube.delete(widgets, key('nobody'), randomUUID())).toBe('missing');
      });
    });

    describe('watch', () => {
      const stops: (() => Promise<void>)[] = [];
      afterEach(async () => {
        await Promise.all(stops.splice(0).map(async stop => stop()));
      });
      const watching = (labelSelector?: string) => {
        const changes: string[] = [];
        const watch = on.watch({
          resource: widgets,
          namespace,
          ...(labelSelector === undefined ? {} : { labelSelector }),
          project: raw => (raw as Widget).spec?.size,
          onChange: changed => changes.push(changed.name),
        });
        stops.push(async () => watch.stop());
        watch.start();
        return { changes, cache: watch.cache };
      };
      const synced = async (cache: Cache<unknown>) => eventually('synced', 10_000, () => cache.synced);

      it('has what was there before, once it is synced', async () => {
        await made('a', { spec: { size: 7 } });
        const { cache, changes } = watching();
        expect(cache.synced).toBe(false);
        await synced(cache);
        expect({ got: cache.get(key('a')), all: cache.list(), changes }).toEqual({ got: 7, all: [7], changes: ['a'] });
      });

      it('follows creation, change and deletion', async () => {
        const { cache, changes } = watching();
        await synced(cache);
        const created = await made('a');
        await eventually(
          'created',
          5_000,
          () => cache.get(key('a')) === 1,
          () => changes,
        );
        await kube.patch(widgets, key('a'), undefined, { spec: { size: 9 } });
        await eventually(
          'changed',
          5_000,
          () => cache.get(key('a')) === 9,
          () => changes,
        );
        await kube.delete(widgets, key('a'), created.metadata.uid);
        await eventually(
          'deleted',
          5_000,
          () => cache.list().length === 0,
          () => changes,
        );
        expect(changes).toEqual(['a', 'a', 'a']);
      });

      it('sees an object come and go as its labels begin and cease to match', async () => {
        const { cache } = watching('colour=red');
        await synced(cache);
        await made('a');
        await kube.patch(widgets, key('a'), undefined, { metadata: { labels: { colour: 'red' } } });
        await eventually(
          'selected',
          5_000,
          () => cache.get(key('a')) === 1,
          () => cache.list(),
        );
        await kube.patch(widgets, key('a'), undefined, { metadata: { labels: { colour: null } } });
        await eventually(
          'unselected',
          5_000,
          () => cache.list().length === 0,
          () => cache.list(),
        );
      });
    });
  });
};

const versionOf = (object: KubeObject): string => object.metadata.resourceVersion;

const patched = async <T>(answer: Promise<T | 'gone'>): Promise<T> => {
  const object = await answer;
  if (object === 'gone') throw new Error('the object is gone');
  return object;
};
