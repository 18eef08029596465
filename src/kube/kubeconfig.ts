import { KubeConfig } from '@kubernetes/client-node';

/**
 * Where the API server is and who we are: `path`, else KUBECONFIG, else `~/.kube/config`, else the pod's service
 * account. Throws with the ways to give one when there is none.
 */
export const loadKubeConfig = (path?: string): KubeConfig => {
  const kubeConfig = new KubeConfig();
  if (path === undefined) kubeConfig.loadFromDefault();
  else kubeConfig.loadFromFile(path);
  const cluster = kubeConfig.getCurrentCluster();
  // The library falls back to this address when it finds nothing.
  if (cluster === null || cluster.server === 'http://localhost:8080') {
    throw new Error(
      'No Kubernetes cluster to talk to: set KUBECONFIG, create ~/.kube/config, or run inside a pod with a service account.',
    );
  }
  if (cluster.proxyUrl !== undefined) {
    throw new Error(`The kubeconfig reaches cluster ${cluster.name} through proxy-url, which is not supported.`);
  }
  return kubeConfig;
};
