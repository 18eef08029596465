import type { Key } from '../api/object.ts';
import { reindexRequestResource } from '../api/reindex-request.ts';
import type { OnKube } from '../objects/create-owned.ts';
import { effect } from '../plan/effect.ts';

export const deleteRequest = effect({
  name: 'delete-request',
  target: ({ key }: { readonly key: Key; readonly uid: string }) => key.name,
  run: async ({ key, uid }, { kube }: OnKube) => {
    await kube.delete(reindexRequestResource, key, uid);
  },
});
