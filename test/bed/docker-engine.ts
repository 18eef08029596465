import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cached, contentKey } from './cache.ts';
import { CGROUP_ROOT, createCgroups, giveWeight } from './cgroups.ts';
import { run } from './command.ts';
import { CONTAINER_BRIDGE, CONTAINER_RANGE, NODE_BRIDGE, createNetwork } from './network.ts';
import { startProcess } from './processes.ts';
import { waitForProcess } from './wait.ts';

/**
 * runc, asked for one capability less: a privileged container asks for all that the kernel knows, and a machine that is
 * itself a container may have no CAP_SYS_RESOURCE to give.
 */
const RUNTIME = `#!/bin/bash
previous=
for argument in "$@"; do
  case "$previous" in
    --bundle|-b) file=$argument/config.json ;;
    --process|-p) file=$argument ;;
  esac
  previous=$argument
done
[ -n "\${file:-}" ] && sed -i 's/,"CAP_SYS_RESOURCE"//g; s/"CAP_SYS_RESOURCE",//g' "$file"
exec runc "$@"
`;

/** Environment for programs that talk to a Docker engine of the bed's own. */
export type DockerEnvironment = { readonly PATH: string; readonly DOCKER_HOST: string };

/**
 * Starts a Docker engine with folders, mounts and a network of its own, and answers how it is talked to. It has no way
 * out to any registry. Containers have addresses in the bed's range, which this machine reaches.
 */
export async function startDockerEngine(home: string): Promise<DockerEnvironment> {
  const programs = await dockerPrograms();
  const folder = join(home, 'docker');
  const enter = await createNetwork(home);
  createCgroups();
  giveWeight();
  const config = configure(folder);
  const path = [join(programs, 'usr', 'sbin'), join(programs, 'usr', 'bin'), process.env['PATH'] ?? ''].join(delimiter);
  // The tmpfs keeps the engine's sockets and pid files apart from those of an engine that the machine may have.
  const script = 'mount -t tmpfs tmpfs /run && exec dockerd --config-file "$0"';
  startProcess(home, {
    name: 'dockerd',
    command: [...enter, 'unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, config],
    env: { PATH: `${path}${delimiter}/usr/sbin${delimiter}/sbin` },
  });
  const environment = { PATH: path, DOCKER_HOST: `unix://${join(folder, 'docker.sock')}` };
  await waitForProcess(home, 'dockerd', {
    deadlineSeconds: 60,
    probe: async () => {
      await run(['docker', 'version'], { env: environment });
      return undefined;
    },
  });
  // By default only published ports are let in; this machine talks to every port of a container.
  await run([...enter, 'iptables', '-I', 'DOCKER-USER', '-i', NODE_BRIDGE, '-j', 'ACCEPT']);
  return environment;
}

function configure(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const runtime = join(folder, 'runtime');
  writeFileSync(runtime, RUNTIME);
  chmodSync(runtime, 0o755);
  const config = join(folder, 'daemon.json');
  const settings = {
    runtimes: { bed: { path: runtime } },
    'default-runtime': 'bed',
    'cgroup-parent': CGROUP_ROOT,
    'data-root': join(folder, 'data'),
    'exec-root': join(folder, 'exec'),
    hosts: [`unix://${join(folder, 'docker.sock')}`],
    pidfile: join(folder, 'docker.pid'),
    bip: CONTAINER_BRIDGE,
    'default-address-pools': [{ base: CONTAINER_RANGE, size: 24 }],
  };
  writeFileSync(config, JSON.stringify(settings, undefined, 2));
  return config;
}

/** Debian's package unpacked into the cache: nothing of it is installed on the machine. */
async function dockerPrograms(): Promise<string> {
  return cached(
    'docker',
    contentKey({ texts: [readFileSync('/etc/debian_version', 'utf8'), 'docker.io'] }),
    async folder => {
      await run(['apt-get', 'update', '-q']);
      await run(['apt-get', 'download', '-q', 'docker.io'], { cwd: folder });
      const [archive = ''] = readdirSync(folder).filter(name => name.endsWith('.deb'));
      await run(['dpkg', '-x', archive, '.'], { cwd: folder });
    },
  );
}
