import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Credential, KubeAccess, TlsMaterial } from './access.ts';
import { inClusterAccess } from './in-cluster.ts';

/**
 * How to reach Kubernetes: the kubeconfig at `path`, else KUBECONFIG, else `~/.kube/config`, else the pod's service
 * account. `context` is another one of the kubeconfig than its current one. Throws with the ways to give one when there is
 * none.
 */
export const loadKubeConfig = async (path?: string, context?: string): Promise<KubeAccess> => {
  const isNamed = path !== undefined || context !== undefined || process.env['KUBECONFIG'];
  if (isNamed || existsSync(join(homedir(), '.kube', 'config'))) {
    const kubeConfig = await readKubeConfig(path);
    if (context !== undefined) chooseContext(kubeConfig, context);
    return kubeconfigAccess(kubeConfig);
  }
  const access = inClusterAccess();
  if (access !== undefined) return access;
  throw new Error(
    'No Kubernetes cluster to talk to: set KUBECONFIG, create ~/.kube/config, or run inside a pod with a service account.',
  );
};

/** Names of the contexts of the kubeconfig at `path`, else of the one that {@link loadKubeConfig} takes. */
export const contextNames = async (path?: string): Promise<readonly string[]> =>
  (await readKubeConfig(path)).getContexts().map(({ name }) => name);

const readKubeConfig = async (path: string | undefined): Promise<KubeConfig> => {
  // Loaded only where a kubeconfig is read: see in-cluster.ts.
  const library = await import('@kubernetes/client-node');
  const kubeConfig = new library.KubeConfig();
  try {
    if (path === undefined) kubeConfig.loadFromDefault();
    else kubeConfig.loadFromFile(path);
  } catch (error) {
    // The other lines show the text around a fault of syntax, which may be a token.
    const [first = ''] = String(error).split('\n');
    const file = path ?? process.env['KUBECONFIG'] ?? '~/.kube/config';
    throw new Error(`The kubeconfig ${file} cannot be read: ${first.replace(/^\w+: /, '')}`, { cause: error });
  }
  return kubeConfig;
};

const chooseContext = (kubeConfig: KubeConfig, context: string): void => {
  if (kubeConfig.getContextObject(context) === null) {
    const known = kubeConfig.getContexts().map(({ name }) => name);
    const there = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
    throw new Error(`The kubeconfig has no context ${JSON.stringify(context)}: ${there}.`);
  }
  kubeConfig.setCurrentContext(context);
};

/** The access that the current context of a kubeconfig describes. */
export const kubeconfigAccess = (kubeConfig: KubeConfig): KubeAccess => {
  const cluster = kubeConfig.getCurrentCluster();
  if (cluster === null) throw new Error('The kubeconfig has no current cluster: set its current-context.');
  if (cluster.proxyUrl !== undefined) {
    throw new Error(`The kubeconfig reaches cluster ${cluster.name} through proxy-url, which is not supported.`);
  }
  const namespace = kubeConfig.getContextObject(kubeConfig.getCurrentContext())?.namespace ?? '';
  let current = kubeConfig;
  return {
    server: cluster.server,
    ...(namespace !== '' && { namespace }),
    credential: async () => readCredential(current),
    // The authenticators of the library remember a token file for 60 s, and cannot be told otherwise.
    forget: () => {
      current = copyOf(current);
    },
  };
};

const copyOf = ({ constructor, clusters, contexts, users, currentContext }: KubeConfig): KubeConfig => {
  // The class of the object itself, which is not loaded a second time.
  const copy = new (constructor as new () => KubeConfig)();
  copy.loadFromOptions({ clusters, contexts, users, currentContext });
  return copy;
};

const readCredential = async (kubeConfig: KubeConfig): Promise<Credential> => {
  const options: RequestOptions = {};
  await kubeConfig.applyToHTTPSOptions(options);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // A token file may end in a newline, which no header can carry.
    if (value !== undefined) headers[name.toLowerCase()] = String(value).trim();
  }
  if (typeof options.auth === 'string') {
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return { headers, tls: tlsOf(options) };
};

const tlsNames = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'servername', 'rejectUnauthorized'] as const;

const tlsOf = (options: RequestOptions): TlsMaterial =>
  Object.fromEntries(tlsNames.flatMap(name => (options[name] === undefined ? [] : [[name, options[name]]])));
