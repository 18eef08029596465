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
import type { BedState, EngineLocation } from './state.ts';
import { waitForProcess } from './wait.ts';

type Engine = BedState['engine'];

/** How each node of an engine is started, and where it will answer. */
export type ConfiguredEngine = Omit<Engine, 'pids'> & { readonly nodes: readonly ProcessSpec[] };

/** Writes the configuration of every node. */
export async function configureEngine(
  parts: Pick<Bed, 'home' | 'site' | 'authority' | 'server'>,
  distribution: DistributionName,
  component: string,
): Promise<ConfiguredEngine> {
  const { type } = DISTRIBUTIONS[distribution];
  const isSecure = distribution === 'elasticsearch';
  const password = isSecure ? secret() : '';
  const { address, ports } = parts.site;
  const urls = ports.engine.map(port => `${isSecure ? 'https' : 'http'}://${address}:${port}`);
  const nodes: readonly ProcessSpec[] = isSecure
    ? await configureElasticsearch({ ...parts, components: { elasticsearch: component } }, password)
    : configureOpenSearch(parts, distribution, component);
  return {
    ...{ type, distribution, urls, password, nodes },
    url: urls[0] ?? '',
    username: isSecure ? engineUser : '',
    caFile: isSecure ? parts.authority.caFile : '',
  };
}

/** Starts every node of the engine without waiting for them: Java needs a while, in which the rest of the bed starts. */
export async function startEngine(bed: Bed, distribution: DistributionName, component: string): Promise<Engine> {
  const { nodes, ...engine } = await configureEngine(bed, distribution, component);
  return { ...engine, pids: nodes.map(node => startProcess(bed.home, node).pid) };
}

/** Waits until every node answers and sees all the others. */
export async function waitForEngine(bed: Bed, engine: Engine): Promise<void> {
  const { program } = DISTRIBUTIONS[engine.distribution];
  for (const [index, url] of engine.urls.entries()) {
    await waitForProcess(bed.home, nodeName(program, index), {
      deadlineSeconds: 180,
      probe: async () => {
        const { status, body } = await askHealth({ ...engine, url });
        if (status !== 200) return `${url} answers ${status}: ${body.slice(0, 300)}`;
        const { number_of_nodes: nodes } = JSON.parse(body) as { number_of_nodes: number };
        return nodes === engine.urls.length ? undefined : `${nodes} of ${engine.urls.length} nodes have joined`;
      },
    });
  }
}

/** What an engine says of its health, as it came; rejects when it does not answer. */
export async function askHealth({
  url,
  username,
  password,
  caFile,
}: EngineLocation): Promise<{ readonly status: number; readonly body: string }> {
  const health = `${url}/_cluster/health`;
  if (caFile !== '') return httpsProbe(health, { caFile, basic: { username, password } });
  const reply = await fetch(health, { signal: AbortSignal.timeout(5000) });
  return { status: reply.status, body: await reply.text() };
}
