import { describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../../src/api/indexed-repo.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import { onlyAsSeen } from '../../../src/objects/as-seen.ts';
import { effect, type Mark } from '../../../src/plan/effect.ts';
import { FakeKube } from '../../support/fakes/fake-kube.ts';

const key = { namespace: 'team', name: 'kibana' };

async function aRepo(kube: FakeKube): Promise<KubeObject> {
  const object = { apiVersion: 'reindeer.dev/v1alpha1', kind: 'IndexedRepo', metadata: key, spec: { alias: 'kibana' } };
  const made = await kube.create<KubeObject>(indexedRepoResource, object);
  if (made === 'exists') throw new Error('it is there already');
  return made;
}

/** What is carried out of an effect with these marks, after this was done to the object that it was decided on. */
async function carriedOut(marks: readonly Mark[], change: (kube: FakeKube, seen: KubeObject) => Promise<unknown>) {
  const kube = new FakeKube();
  const seen = await aRepo(kube);
  await change(kube, seen);
  const done: string[] = [];
  const name = 'remove';
  const made = effect({
    name,
    marks,
    target: () => 'v1',
    run: async (_args: object, _hands: undefined) => void done.push(name),
  });
  const [guarded] = onlyAsSeen([made({})], kube, [{ resource: indexedRepoResource, object: seen }]);
  const thrown = await guarded?.run(undefined).catch((error: unknown) => String(error));
  return thrown ?? done;
}

describe('an effect that deletes a version', () => {
  const refused = 'ConflictError: IndexedRepo team/kibana is not what the watch has brought';
  it.each<[string, (kube: FakeKube, seen: KubeObject) => Promise<unknown>, unknown]>([
    ['nothing', async () => undefined, ['remove']],
    ['its status', async kube => kube.patch(indexedRepoResource, key, undefined, { status: { note: 1 } }), ['remove']],
    ['its spec', async kube => kube.patch(indexedRepoResource, key, undefined, { spec: { alias: 'other' } }), refused],
    ['that it is there', async (kube, { metadata }) => kube.delete(indexedRepoResource, key, metadata.uid), refused],
    [
      'which object it is',
      async (kube, { metadata }) => {
        await kube.delete(indexedRepoResource, key, metadata.uid);
        await aRepo(kube);
      },
      refused,
    ],
  ])('goes by what the API server has now where what changed is %s', async (_what, change, carried) => {
    expect(await carriedOut(['deletes-version'], change)).toEqual(carried);
  });

  it('alone asks for that', async () => {
    const change = async (kube: FakeKube, { metadata }: KubeObject) =>
      kube.delete(indexedRepoResource, key, metadata.uid);
    expect(await carriedOut(['takes-lock'], change)).toEqual(['remove']);
  });
});
