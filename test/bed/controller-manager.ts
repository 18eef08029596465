import { join } from 'node:path';
import type { Bed } from './bed.ts';
import { writeKubeconfig } from './certificates.ts';
import { answers } from './https-probe.ts';
import { POD_RANGE } from './network.ts';
import { startProcess } from './processes.ts';
import { waitForProcess } from './wait.ts';

/** Starts the controllers: Jobs, garbage collection by owner, service accounts, and everything else that is on by default. */
export async function startControllerManager(bed: Bed, apiServerUrl: string): Promise<void> {
  const { address, ports } = bed.site;
  const { caFile, serviceAccountKey } = bed.authority;
  const identity = await bed.authority.client('controller-manager', 'system:kube-controller-manager');
  const kubeconfig = join(bed.home, 'controller-manager.kubeconfig');
  writeKubeconfig(kubeconfig, { server: apiServerUrl, caFile, identity });
  startProcess(bed.home, {
    name: 'kube-controller-manager',
    command: [
      ...bed.site.enter,
      join(bed.components.kubernetes, 'kube-controller-manager'),
      `--kubeconfig=${kubeconfig}`,
      `--bind-address=${address}`,
      `--secure-port=${ports.controllerManager}`,
      `--tls-cert-file=${bed.server.cert}`,
      `--tls-private-key-file=${bed.server.key}`,
      `--root-ca-file=${caFile}`,
      `--service-account-private-key-file=${serviceAccountKey}`,
      '--use-service-account-credentials=true',
      `--cluster-cidr=${POD_RANGE}`,
      '--allocate-node-cidrs=false',
      `--flex-volume-plugin-dir=${join(bed.home, 'volume-plugins')}`,
      // The only one of its kind: an election would show up as writes in the audit log.
      '--leader-elect=false',
    ],
  });
  await waitForProcess(bed.home, 'kube-controller-manager', {
    deadlineSeconds: 60,
    probe: async () => answers(`https://${address}:${ports.controllerManager}/healthz`, 200, { caFile }),
  });
}
