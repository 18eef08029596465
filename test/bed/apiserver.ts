import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bed } from './bed.ts';
import { writeKubeconfig } from './certificates.ts';
import type { Identity } from './certificates.ts';
import { etcdUrl } from './etcd.ts';
import { answers } from './https-probe.ts';
import { SERVICE_RANGE } from './network.ts';
import { startProcess } from './processes.ts';
import { waitForProcess } from './wait.ts';

/** One event per finished request, reads and writes alike: the tests count requests in the log. */
export const AUDIT_POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted, Panic]
rules: [{level: Metadata}]
`;

export type ApiServer = {
  readonly url: string;
  readonly auditLog: string;
  readonly kubeconfig: string;
  readonly pid: number;
};

/** Starts the API server with RBAC, the node authorizer and an audit log; makes the administrator's kubeconfig. */
export async function startApiServer(bed: Bed): Promise<ApiServer> {
  const url = `https://${bed.site.address}:${bed.site.ports.apiServer}`;
  const admin = await bed.authority.client('admin', 'bed-admin', 'system:masters');
  const kubeconfig = join(bed.home, 'kubeconfig');
  const auditLog = join(bed.home, 'logs', 'audit.log');
  writeKubeconfig(kubeconfig, { server: url, caFile: bed.authority.caFile, identity: admin });
  const auditPolicy = join(bed.home, 'audit-policy.yaml');
  writeFileSync(auditPolicy, AUDIT_POLICY);
  const { pid } = startProcess(bed.home, {
    name: 'kube-apiserver',
    command: [
      ...bed.site.enter,
      join(bed.components.kubernetes, 'kube-apiserver'),
      ...flags(bed, url, admin),
      `--audit-policy-file=${auditPolicy}`,
      `--audit-log-path=${auditLog}`,
    ],
  });
  await waitForProcess(bed.home, 'kube-apiserver', {
    deadlineSeconds: 60,
    probe: async () => answers(`${url}/readyz`, 200, { caFile: bed.authority.caFile, client: admin }),
  });
  return { url, auditLog, kubeconfig, pid };
}

function flags(bed: Bed, url: string, admin: Identity): readonly string[] {
  const { address, ports } = bed.site;
  const { caFile, serviceAccountKey } = bed.authority;
  return [
    `--etcd-servers=${etcdUrl(bed)}`,
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
    `--secure-port=${ports.apiServer}`,
    `--tls-cert-file=${bed.server.cert}`,
    `--tls-private-key-file=${bed.server.key}`,
    `--client-ca-file=${caFile}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    `--service-cluster-ip-range=${SERVICE_RANGE}`,
    `--service-account-issuer=${url}`,
    `--service-account-key-file=${serviceAccountKey}`,
    `--service-account-signing-key-file=${serviceAccountKey}`,
    // For `kubectl logs` and `exec`.
    `--kubelet-certificate-authority=${caFile}`,
    `--kubelet-client-certificate=${admin.cert}`,
    `--kubelet-client-key=${admin.key}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--profiling=false',
    // A loopback address may not be an endpoint; without nodes nobody needs the endpoint either.
    ...(bed.level === 0 ? ['--endpoint-reconciler-type=none'] : []),
  ];
}
