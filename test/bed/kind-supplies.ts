import { join } from 'node:path';
import type { Authority, Identity } from './certificates.ts';
import { COMPONENT_NAMES, component, haveComponents } from './components.ts';
import { startDockerEngine } from './docker-engine.ts';
import { configureElasticsearch } from './elasticsearch.ts';
import { docker, keepEngine, loadImage } from './kind-engine.ts';
import type { KindEngine } from './kind-engine.ts';
import { ELASTICSEARCH_IMAGE, pulledElasticsearch, unpackedElasticsearch } from './kind-files.ts';
import type { Part } from './kind-files.ts';
import type { KindTools } from './kind-tools.ts';
import { HOST_ADDRESS, NODE_ADDRESS } from './network.ts';
import { OWN_NODE_IMAGE, nodeImage, nodeImageTitle } from './node-image.ts';
import type { StepRunner } from './progress.ts';
import { namespaceSite } from './site.ts';
import { installMissing, packagesTitle, pathOf } from './tools.ts';

/** Of kind's release notes for its version: with a tag alone the node would be whatever was pushed under it last. */
const NODE_IMAGE = 'kindest/node:v1.34.11@sha256:44e222ee2132dab25ff87301682f89eb82c7880ea3a1bf543bfe9708fd08d67d';

/** What a bed of kind is made from; everything that differs by where it comes from. */
export type Supplies = {
  readonly engine: KindEngine;
  readonly nodeImage: string;
  /** Where the API server is to be reached, if not at this machine's loopback. */
  readonly apiServer: { readonly address: string; readonly port: number } | undefined;
  readonly programs: Readonly<Record<'kubectl' | 'helm', string>>;
  /** The pod of Elasticsearch; what it needs is in the node when this answers. */
  elasticsearch(parts: EngineParts): Promise<Part>;
};

type EngineParts = {
  readonly address: string;
  readonly authority: Authority;
  readonly server: Identity;
  readonly password: string;
  /** Of this checkout, already in the node. */
  readonly image: string;
};

export const PULLED_STEPS = 2;
export const OWN_STEPS = 1 + COMPONENT_NAMES.length + 2 + 3;

/** With the machine's own Docker: images are pulled. */
export async function pulledSupplies(home: string, tools: KindTools, step: StepRunner): Promise<Supplies> {
  const engine = await step('kind, kubectl and helm', async () =>
    keepEngine(home, { isOwn: false, kind: await kindProgram(tools), env: {} }),
  );
  // Kept by Docker between beds: a slow line must not count as an engine that does not start.
  await step(`pulling ${ELASTICSEARCH_IMAGE}`, async () => docker(engine, 'pull', '--quiet', ELASTICSEARCH_IMAGE));
  return {
    engine,
    nodeImage: process.env['REINDEER_NODE_IMAGE'] ?? NODE_IMAGE,
    apiServer: undefined,
    programs: {
      kubectl: pathOf('kubectl') ?? join(await component('kubernetes'), 'kubectl'),
      helm: pathOf('helm') ?? join(await component('helm'), 'helm'),
    },
    elasticsearch: async ({ password }) => {
      await loadImage(home, engine, ELASTICSEARCH_IMAGE);
      return pulledElasticsearch(password);
    },
  };
}

/** Without Docker and without a registry: engine, kind and every image are the bed's own. */
export async function ownSupplies(home: string, step: StepRunner): Promise<Supplies> {
  await step(packagesTitle(1), async () => installMissing(1));
  const components = await haveComponents([...COMPONENT_NAMES, 'elasticsearch', 'kind'], step);
  const env = await step(`starting a Docker engine in a network of its own, ${NODE_ADDRESS}`, async () =>
    startDockerEngine(home),
  );
  const engine = keepEngine(home, { isOwn: true, kind: join(components.kind, 'kind'), env });
  const image = process.env['REINDEER_NODE_IMAGE'] ?? OWN_NODE_IMAGE;
  const tar = await step(nodeImageTitle(components), async () => nodeImage(components));
  await step('importing it', async () => {
    const changes = ['ENTRYPOINT ["/usr/local/bin/entrypoint"]', 'ENV container=docker'];
    await docker(engine, 'import', ...changes.flatMap(change => ['--change', change]), tar, OWN_NODE_IMAGE);
  });
  return {
    engine,
    nodeImage: image,
    apiServer: { address: NODE_ADDRESS, port: 6443 },
    programs: { kubectl: join(components.kubernetes, 'kubectl'), helm: join(components.helm, 'helm') },
    elasticsearch: async ({ address, authority, server, password, image: own }) => {
      const site = namespaceSite(address, [], 1);
      const [node] = await configureElasticsearch({ home, site, authority, server, components }, password);
      if (node === undefined) throw new Error('an engine of one node has no node');
      return unpackedElasticsearch(home, own, node);
    },
  };
}

/** Where pods reach this machine, given the engine that their node runs in. */
export async function hostAddress(engine: KindEngine): Promise<string> {
  if (engine.isOwn) return HOST_ADDRESS;
  const format = '{{range .IPAM.Config}}{{println .Gateway}}{{end}}';
  const gateways = await docker(engine, 'network', 'inspect', 'kind', '--format', format);
  return gateways.split('\n').find(gateway => /^\d+\.\d+\.\d+\.\d+$/.test(gateway)) ?? '';
}

async function kindProgram({ kind }: KindTools): Promise<string> {
  const found = kind === undefined ? undefined : pathOf('kind');
  return found ?? join(await component('kind'), 'kind');
}
