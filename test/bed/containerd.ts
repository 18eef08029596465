import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bed } from './bed.ts';
import { run } from './command.ts';
import { POD_RANGE } from './network.ts';
import { PAUSE_IMAGE } from './pause-image.ts';
import { startProcess } from './processes.ts';
import { waitForProcess } from './wait.ts';

const NETWORK_NAME = 'reindeer-bed';
const CNI_PLUGINS = '/usr/lib/cni';

/** Starts containerd with folders, socket, runtime state and pod network of its own; answers its socket. */
export async function startContainerd(bed: Bed): Promise<string> {
  const folder = join(bed.home, 'containerd');
  const networks = join(bed.home, 'cni', 'net.d');
  mkdirSync(networks, { recursive: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(networks, '10-bed.conflist'), JSON.stringify(podNetwork(bed.home), undefined, 2));
  writeFileSync(join(folder, 'config.toml'), configuration(bed.home));
  startProcess(bed.home, {
    name: 'containerd',
    command: [...bed.site.enter, 'containerd', '--config', join(folder, 'config.toml')],
  });
  const socket = containerdSocket(bed.home);
  await waitForProcess(bed.home, 'containerd', {
    deadlineSeconds: 30,
    probe: async () => {
      await run(['ctr', '--address', socket, 'version']);
      return undefined;
    },
  });
  return socket;
}

export function containerdSocket(home: string): string {
  return join(home, 'containerd', 'containerd.sock');
}

function podNetwork(home: string): object {
  return {
    cniVersion: '1.0.0',
    name: NETWORK_NAME,
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          dataDir: join(home, 'cni', 'addresses'),
          ranges: [[{ subnet: POD_RANGE }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  };
}

function configuration(home: string): string {
  const folder = join(home, 'containerd');
  return `version = 2
root = "${folder}/root"
state = "${stateFolder(home)}"

[grpc]
address = "${containerdSocket(home)}"

[plugins."io.containerd.internal.v1.opt"]
path = "${folder}/opt"

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${PAUSE_IMAGE}"
# Where CAP_SYS_RESOURCE is missing, a container cannot be given a lower score than its parent has.
restrict_oom_score_adj = true
# Not in /run/netns: they must go away with the bed's folder.
netns_mounts_under_state_dir = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "${CNI_PLUGINS}"
conf_dir = "${home}/cni/net.d"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
Root = "${folder}/runc"
SystemdCgroup = false
`;
}

/** Where containerd keeps what belongs to running containers. */
export function stateFolder(home: string): string {
  return join(home, 'containerd', 'state');
}
