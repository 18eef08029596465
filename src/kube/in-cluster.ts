import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import type { OwnerReference } from '../api/object.ts';
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
  const namespaceFile = join(folder, 'namespace');
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    ...(existsSync(namespaceFile) && { namespace: readFileSync(namespaceFile, 'utf8').trim() }),
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

const claims = z.object({
  'kubernetes.io': z.object({ serviceaccount: z.object({ name: z.string(), uid: z.string() }) }),
});

/**
 * The pod's service account as an owner: what the operator leaves in its own namespace goes with it when it is uninstalled.
 * Read from the token, which says it without a right to ask. Undefined outside of a pod, and for a token of another form.
 */
export async function serviceAccountAsOwner(folder = serviceAccountFolder): Promise<OwnerReference | undefined> {
  try {
    const [, payload = ''] = (await readFile(join(folder, 'token'), 'utf8')).split('.');
    const { serviceaccount } = claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()))['kubernetes.io'];
    return { apiVersion: 'v1', kind: 'ServiceAccount', ...serviceaccount };
  } catch {
    return undefined;
  }
}
