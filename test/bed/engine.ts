import type { Bed } from './bed.ts';
import { DISTRIBUTIONS } from './distributions.ts';
import type { DistributionName } from './distributions.ts';
import { configureElasticsearch, engineUser } from './elasticsearch.ts';
import { nodeName } from './engine-nodes.ts';
import { httpsProbe } from './https-probe.ts';
import { configureOpenSearch } from './opensearch.ts';
import { startProcess } from './processes.ts';
import type { ProcessSpec } from './processes.ts';
import { secret } from './secret.ts';
import type { BedState, EngineType } from './state.ts';
import { waitForProcess } from './wait.ts';

type Engine = BedState['engine'];

/** The component that an engine comes as, which its processes are called after. */
export function distributionOf(type: EngineType): DistributionName {
  return type === DISTRIBUTIONS.opensearch.title ? 'opensearch' : 'elasticsearch';
}

/** Starts every node of the engine without waiting for them: Java needs a while, in which the rest of the bed starts. */
export async function startEngine(bed: Bed, type: EngineType, component: string): Promise<Engine> {
  const isSecure = type === 'Elasticsearch';
  const password = isSecure ? secret() : '';
  const urls = bed.site.ports.engine.map(port => `${isSecure ? 'https' : 'http'}://${bed.site.address}:${port}`);
  const nodes: readonly ProcessSpec[] = isSecure
    ? await configureElasticsearch({ ...bed, components: { elasticsearch: component } }, password)
    : configureOpenSearch(bed, component);
  return {
    type,
    url: urls[0] ?? '',
    urls,
    username: isSecure ? engineUser : '',
    password,
    caFile: isSecure ? bed.authority.caFile : '',
    pids: nodes.map(node => startProcess(bed.home, node).pid),
  };
}

/** Waits until every node answers and sees all the others. */
export async function waitForEngine(bed: Bed, engine: Engine): Promise<void> {
  for (const [index, url] of engine.urls.entries()) {
    await waitForProcess(bed.home, nodeName(distributionOf(engine.type), index), {
      deadlineSeconds: 180,
      probe: async () => {
        const { status, body } = await ask(engine, `${url}/_cluster/health`);
        if (status !== 200) return `${url} answers ${status}: ${body.slice(0, 300)}`;
        const { number_of_nodes: nodes } = JSON.parse(body) as { number_of_nodes: number };
        return nodes === engine.urls.length ? undefined : `${nodes} of ${engine.urls.length} nodes have joined`;
      },
    });
  }
}

async function ask(
  { username, password, caFile }: Engine,
  url: string,
): Promise<{ readonly status: number; readonly body: string }> {
  if (caFile !== '') return httpsProbe(url, { caFile, basic: { username, password } });
  const reply = await fetch(url, { signal: AbortSignal.timeout(5000) });
  return { status: reply.status, body: await reply.text() };
}
