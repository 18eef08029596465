import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { settingsOn } from '../../../src/registry/settings.ts';
import { ECK_HOST, ECK_NAME, ECK_NAMESPACE } from '../../bed/eck.ts';
import { realHistory } from '../../bed/real-history.ts';
import { readBedState } from '../../bed/state.ts';
import { commitOf, untilCondition, untilLive } from '../../support/real/a-cluster.ts';
import { expectTree } from '../../support/checks/expect-tree.ts';
import { engineOf, lackOfSecurity } from '../../support/real/bed-engine.ts';
import { eckObjects } from '../../support/real/eck-objects.ts';
import { GitRemote } from '../../support/real/git-remote.ts';
import { aNamespaceManifest, anIndexedRepo, gitSecret, installOperator } from '../../support/real/installed.ts';
import { Kubectl, type Manifest } from '../../support/real/kubectl.ts';

const minutes = 60_000;
const name = 'by-name';
/** A Service that ECK lays out beside the other one, and that no alias of a host names. */
const unknown = `${ECK_NAME}-es-internal-http`;
const bed = readBedState();
const lack = lackOfSecurity(bed?.engine);
if (lack !== undefined) console.log(`an Elasticsearch of ECK is left out: ${lack}`);

/** The bed has no DNS: a name is known to those pods to which the chart's `hostAliases` tells it. */
(lack === undefined ? describe : describe.skip)('an Elasticsearch that ECK laid out', () => {
  if (bed?.node === undefined) throw new Error('no bed of level 1 is up: npm run bed -- up');
  const kubectl = new Kubectl(bed, ECK_NAMESPACE);
  const engine = engineOf(bed);
  const settings = settingsOn(engine, 'reindeer-settings');
  let alias: { readonly ip: string; readonly hostnames: readonly string[] };
  beforeAll(async () => {
    await kubectl.apply(aNamespaceManifest(ECK_NAMESPACE));
    await kubectl.apply(...eckObjects(bed), gitSecret(bed));
    const service = await kubectl.get<Service>('service', `${ECK_NAME}-es-http`);
    alias = { ip: service?.spec.clusterIP ?? '', hostnames: [ECK_HOST] };
    await installOperator(bed, { hostAliases: [alias] });
    const reached = { name: ECK_NAME };
    await kubectl.apply(
      aSearchCluster('main', reached),
      aSearchCluster('unknown', { ...reached, serviceName: unknown }),
    );
  }, 3 * minutes);
  afterAll(async () => {
    await kubectl.run(['delete', 'namespace', ECK_NAMESPACE, '--wait=true', '--timeout=120s']);
    await engine.close();
  }, 3 * minutes);

  it(
    'is reached by the name of its Service, with nothing declared but the object',
    async () => {
      await kubectl.waitFor('scluster', 'main', 'Ready', 60);
    },
    2 * minutes,
  );

  it(
    'is filled and served by workers that find it by that name too',
    async () => {
      const history = await realHistory(async (_title, work) => work());
      const commit = commitOf({ history }, 'v0.19.0');
      await GitRemote.at(bed, history, name, commit);
      await kubectl.apply(anIndexedRepo(bed, name, { deletionPolicy: 'Delete', light: { schedule: '@every 24h' } }));
      await untilLive({ kubectl }, name, commit);
      const [pod] = await kubectl.list<Pod>('pods');
      const endpoint = { name: 'SEARCH_ENDPOINT', value: `https://${ECK_HOST}:9200` };
      expect(pod?.spec).toMatchObject({
        hostAliases: [alias],
        containers: [{ env: expect.arrayContaining([endpoint]) }],
      });
      await expectTree({ engine, settings, history }, `${name}-v1`, commit);
    },
    4 * minutes,
  );

  // The DNS of kind knows the Service.
  (bed.provider === 'kind' ? it.skip : it)(
    'is told as unavailable, with its name, by a Service whose name nothing resolves',
    async () => {
      const wanted = { type: 'Ready', status: 'False', reason: 'EngineUnavailable' };
      const message = await untilCondition({ kubectl }, 'scluster', 'unknown', wanted);
      expect(message).toMatch(new RegExp(`the name cannot be resolved\\): ${unknown}.${ECK_NAMESPACE}.svc:9200$`));
    },
    2 * minutes,
  );
});

type Service = { readonly spec: { readonly clusterIP: string } };
type Pod = { readonly spec: object };

function aSearchCluster(of: string, elasticsearchRef: object): Manifest {
  return {
    apiVersion: 'reindeer.dev/v1alpha1',
    kind: 'SearchCluster',
    metadata: { name: of },
    spec: { elasticsearchRef },
  };
}
