import { join } from 'node:path';
import type { Bed } from './bed.ts';
import { writeKubeconfig } from './certificates.ts';
import { answers } from './https-probe.ts';
import { startProcess } from './processes.ts';
import { waitForProcess } from './wait.ts';

const PORT = 10259;

/** Starts the scheduler. */
export async function startScheduler(bed: Bed, apiServerUrl: string): Promise<void> {
  const { caFile } = bed.authority;
  const identity = await bed.authority.client('scheduler', 'system:kube-scheduler');
  const kubeconfig = join(bed.home, 'scheduler.kubeconfig');
  writeKubeconfig(kubeconfig, { server: apiServerUrl, caFile, identity });
  startProcess(bed.home, {
    name: 'kube-scheduler',
    command: [
      ...bed.site.enter,
      join(bed.components.kubernetes, 'kube-scheduler'),
      `--kubeconfig=${kubeconfig}`,
      `--bind-address=${bed.site.address}`,
      `--secure-port=${PORT}`,
      `--tls-cert-file=${bed.server.cert}`,
      `--tls-private-key-file=${bed.server.key}`,
      '--leader-elect=false',
    ],
  });
  await waitForProcess(bed.home, 'kube-scheduler', {
    deadlineSeconds: 60,
    probe: async () => answers(`https://${bed.site.address}:${PORT}/healthz`, 200, { caFile }),
  });
}
