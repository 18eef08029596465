import type { Key } from '../api/object.ts';
import { reindexRequestResource } from '../api/reindex-request.ts';
import { kubeEffect } from '../objects/kube-effect.ts';

export const deleteRequest = kubeEffect({
  name: 'delete-request',
  target: ({ key }: { readonly key: Key; readonly uid: string }) => key.name,
  run: async ({ key, uid }, kube) => {
    await kube.delete(reindexRequestResource, key, uid);
  },
});
