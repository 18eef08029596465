import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bed } from './bed.ts';
import { writeKubeconfig } from './certificates.ts';
import { CGROUP_ROOT, createCgroups } from './cgroups.ts';
import { run } from './command.ts';
import { containerdSocket } from './containerd.ts';
import { keepKernelSettings } from './kernel-settings.ts';
import { NODE_NAME } from './network.ts';
import { startProcess } from './processes.ts';
import { waitForProcess } from './wait.ts';

/** Starts the kubelet, which registers the node by itself; answers its pid. */
export async function startKubelet(bed: Bed, apiServerUrl: string): Promise<number> {
  const folder = join(bed.home, 'kubelet');
  mkdirSync(folder, { recursive: true });
  const identity = await bed.authority.client('kubelet', `system:node:${NODE_NAME}`, 'system:nodes');
  const kubeconfig = join(bed.home, 'kubelet.kubeconfig');
  writeKubeconfig(kubeconfig, { server: apiServerUrl, caFile: bed.authority.caFile, identity });
  const config = join(bed.home, 'kubelet.json');
  writeFileSync(config, JSON.stringify(configuration(bed), undefined, 2));
  createCgroups();
  keepKernelSettings(bed.home);
  const { pid } = startProcess(bed.home, {
    name: 'kubelet',
    command: [
      ...bed.site.enter,
      join(bed.components.kubernetes, 'kubelet'),
      `--config=${config}`,
      `--kubeconfig=${kubeconfig}`,
      `--root-dir=${folder}`,
      `--cert-dir=${join(folder, 'pki')}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${bed.site.address}`,
    ],
  });
  return pid;
}

/** Waits until the node takes pods. */
export async function waitForNode(bed: Bed, kubeconfig: string): Promise<void> {
  const path = '{range .status.conditions[?(@.type=="Ready")]}{.status}: {.message}{end}';
  const taints = '{.spec.taints[*].key}';
  const kubectl = [join(bed.components.kubernetes, 'kubectl'), `--kubeconfig=${kubeconfig}`];
  await waitForProcess(bed.home, 'kubelet', {
    deadlineSeconds: 60,
    probe: async () => {
      const ready = await run([...kubectl, 'get', 'node', NODE_NAME, '-o', `jsonpath=${path}`]);
      if (!ready.startsWith('True')) return `the node is not ready: ${ready}`;
      const left = await run([...kubectl, 'get', 'node', NODE_NAME, '-o', `jsonpath=${taints}`]);
      return left === '' ? undefined : `the node still refuses pods: ${left}`;
    },
  });
}

function configuration(bed: Bed): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: bed.site.address,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: false },
      x509: { clientCAFile: bed.authority.caFile },
    },
    authorization: { mode: 'AlwaysAllow' },
    tlsCertFile: bed.server.cert,
    tlsPrivateKeyFile: bed.server.key,
    containerRuntimeEndpoint: `unix://${containerdSocket(bed.home)}`,
    podLogsDir: join(bed.home, 'pods'),
    volumePluginDir: join(bed.home, 'volume-plugins'),
    // No name servers: nothing listens at this address, so a look-up fails at once instead of after a time-out.
    clusterDNS: [bed.site.address],
    resolvConf: '',
    cgroupDriver: 'cgroupfs',
    cgroupRoot: CGROUP_ROOT,
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    // A full disk or a busy machine must not evict what a test waits for, nor collect imported images.
    evictionHard: {
      'memory.available': '0%',
      'nodefs.available': '0%',
      'nodefs.inodesFree': '0%',
      'imagefs.available': '0%',
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
  };
}
