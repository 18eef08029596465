import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { KubeAccess } from './access.ts';

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The access that the kubelet gives a pod: environment variables and the files of its service account, which are
 * replaced while the pod runs. Undefined outside of a pod. Written out because loading a whole client library for it
 * costs the operator 85 MB and a second of start-up.
 */
export const inClusterAccess = (
  env: Readonly<Record<string, string | undefined>> = process.env,
  folder = serviceAccountFolder,
): KubeAccess | undefined => {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  if (host === undefined || host === '' || !existsSync(join(folder, 'token'))) return undefined;
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    credential: async () => {
      const [token, ca] = await Promise.all([
        readFile(join(folder, 'token'), 'utf8'),
        readFile(join(folder, 'ca.crt')),
      ]);
      return { headers: { authorization: `Bearer ${token.trim()}` }, tls: { ca } };
    },
    // Nothing is remembered here.
    forget: () => undefined,
  };
};
