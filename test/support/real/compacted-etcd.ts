import type { ControlStage } from './control-stage.ts';

/** No watch can go on from before now. */
export async function compact({ kube, plane }: ControlStage): Promise<void> {
  const { body } = await kube.transport.call({ method: 'GET', path: '/api/v1/namespaces/default/configmaps' });
  const revision = (body as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
  const answer = await fetch(`${plane.etcdUrl}/v3/kv/compaction`, {
    method: 'POST',
    body: JSON.stringify({ revision, physical: true }),
  });
  if (!answer.ok) throw new Error(`etcd did not compact: ${await answer.text()}`);
}
