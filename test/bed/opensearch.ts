import { configureNodes, copyDistribution } from './engine-nodes.ts';
import type { NodeParts } from './engine-nodes.ts';
import type { ProcessSpec } from './processes.ts';
import { OPENSEARCH_JAVA, jdkHome } from './tools.ts';

/** Writes the configuration of every node and answers how each is started. It has no security plugin: plain HTTP, no users. */
export function configureOpenSearch(bed: NodeParts, component: string): readonly ProcessSpec[] {
  const home = jdkHome(OPENSEARCH_JAVA);
  if (home === undefined) throw new Error(`OpenSearch needs a JDK ${OPENSEARCH_JAVA} or newer`);
  return configureNodes(bed, copyDistribution(bed.home, 'opensearch', component), {
    name: 'opensearch',
    prefix: 'OPENSEARCH',
    javaHome: home,
    settings: nodes => (nodes.length > 1 ? { 'cluster.initial_cluster_manager_nodes': nodes } : {}),
    configure: () => undefined,
  });
}
