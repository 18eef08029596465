import { join } from 'node:path';
import type { Bed } from './bed.ts';
import { startProcess } from './processes.ts';
import { waitForProcess } from './wait.ts';

/** Starts etcd over plain HTTP on the bed's own address, without fsync: a bed's data need not survive the machine. */
export async function startEtcd(bed: Bed): Promise<void> {
  const { address, ports } = bed.site;
  const client = etcdUrl(bed);
  const peer = `http://${address}:${ports.etcdPeer}`;
  startProcess(bed.home, {
    name: 'etcd',
    command: [
      ...bed.site.enter,
      join(bed.components.etcd, 'etcd'),
      '--name=bed',
      `--data-dir=${join(bed.home, 'etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=bed=${peer}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
  });
  await waitForProcess(bed.home, 'etcd', {
    deadlineSeconds: 30,
    probe: async () => {
      const answer = await fetch(`${client}/health`, { signal: AbortSignal.timeout(2000) });
      return answer.ok ? undefined : `etcd answers ${answer.status}`;
    },
  });
}

export function etcdUrl(bed: Bed): string {
  return `http://${bed.site.address}:${bed.site.ports.etcd}`;
}
