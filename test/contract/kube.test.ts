import { afterAll } from '@jest/globals';
import type { Resource } from '../../src/api/object.ts';
import { createKube, type KubeClient } from '../../src/kube/client.ts';
import { loadKubeConfig } from '../../src/kube/kubeconfig.ts';
import { watchResource } from '../../src/kube/watch.ts';
import { readBedState } from '../bed/state.ts';
import { startControlPlane } from '../support/real/control-plane.ts';
import { eventually } from '../support/checks/eventually.ts';
import { FakeKube } from '../support/fakes/fake-kube.ts';
import { recordingLog } from '../support/fakes/recording-log.ts';
import { kubeContract, widgets } from './kube.contract.ts';

kubeContract('in memory', async () => {
  const fake = new FakeKube();
  return { kube: fake, watch: options => fake.watch(options), makeNamespace: async () => undefined };
});

const ends: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

/** The bed's API server when there is a bed, else one of our own. */
const anApiServer = async (): Promise<string> => {
  const bed = readBedState();
  if (bed !== undefined) return bed.kubeconfig;
  const plane = await startControlPlane();
  ends.push(async () => plane.stop());
  return plane.kubeconfig;
};

kubeContract('real API server', async () => {
  const kube = createKube(await loadKubeConfig(await anApiServer()));
  ends.push(async () => kube.close());
  await installWidgets(kube);
  const { log } = recordingLog();
  return {
    kube,
    watch: options => watchResource({ ...options, transport: kube.transport, log }),
    makeNamespace: async name => {
      await kube.transport.call({
        method: 'POST',
        path: '/api/v1/namespaces',
        body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
      });
      ends.push(async () => kube.transport.call({ method: 'DELETE', path: `/api/v1/namespaces/${name}` }));
    },
  };
});

const crds: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
};

const installWidgets = async (kube: KubeClient): Promise<void> => {
  const openSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: openSchema, status: openSchema } } };
  const version = { name: widgets.version, served: true, storage: true, schema, subresources: { status: {} } };
  await kube.create(crds, {
    apiVersion: `${crds.group}/${crds.version}`,
    kind: crds.kind,
    // Not namespaced: an empty namespace addresses it.
    metadata: { name: `${widgets.plural}.${widgets.group}`, namespace: '' },
    spec: {
      group: widgets.group,
      scope: 'Namespaced',
      names: { plural: widgets.plural, singular: 'widget', kind: widgets.kind },
      versions: [version],
    },
  });
  await eventually('widgets served', 20_000, async () =>
    kube.list(widgets, 'default').then(
      () => true,
      () => false,
    ),
  );
};
