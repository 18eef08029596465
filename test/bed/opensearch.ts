import { DISTRIBUTIONS, distributionTitle } from './distributions.ts';
import type { DistributionName } from './distributions.ts';
import { configureNodes, copyDistribution } from './engine-nodes.ts';
import type { NodeParts } from './engine-nodes.ts';
import type { ProcessSpec } from './processes.ts';
import { jdkHome } from './tools.ts';

type OpenSearchName = Exclude<DistributionName, 'elasticsearch'>;

/** Writes the configuration of every node and answers how each is started. It has no security plugin: plain HTTP, no users. */
export function configureOpenSearch(bed: NodeParts, name: OpenSearchName, component: string): readonly ProcessSpec[] {
  const home = jdkHome(DISTRIBUTIONS[name].java);
  if (home === undefined) throw new Error(`there is no JDK that ${distributionTitle(name)} starts on`);
  return configureNodes(bed, copyDistribution(bed.home, 'opensearch', component), {
    name: 'opensearch',
    prefix: 'OPENSEARCH',
    javaHome: home,
    settings: nodes => (nodes.length > 1 ? { 'cluster.initial_cluster_manager_nodes': nodes } : {}),
    configure: () => undefined,
  });
}
