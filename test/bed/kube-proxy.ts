import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bed } from './bed.ts';
import { writeKubeconfig } from './certificates.ts';
import { NODE_NAME, POD_RANGE } from './network.ts';
import { startProcess } from './processes.ts';

/** Starts kube-proxy, which makes Service addresses work in the bed's network. */
export async function startKubeProxy(bed: Bed, apiServerUrl: string): Promise<void> {
  const { caFile } = bed.authority;
  const identity = await bed.authority.client('kube-proxy', 'system:kube-proxy');
  const kubeconfig = join(bed.home, 'kube-proxy.kubeconfig');
  writeKubeconfig(kubeconfig, { server: apiServerUrl, caFile, identity });
  const config = join(bed.home, 'kube-proxy.json');
  writeFileSync(config, JSON.stringify(configuration(bed, kubeconfig), undefined, 2));
  startProcess(bed.home, {
    name: 'kube-proxy',
    command: [...bed.site.enter, join(bed.components.kubernetes, 'kube-proxy'), `--config=${config}`],
  });
}

function configuration(bed: Bed, kubeconfig: string): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig },
    bindAddress: bed.site.address,
    hostnameOverride: NODE_NAME,
    mode: 'iptables',
    clusterCIDR: POD_RANGE,
    // Without the bridge netfilter module an answer between two pods would go past the translation.
    iptables: { masqueradeAll: true },
    // These belong to the whole machine: leave them as they are.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    oomScoreAdj: 0,
  };
}
