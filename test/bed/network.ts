import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, run } from './command.ts';
import { thisBed } from './which-bed.ts';

/**
 *   machine                     | namespace of the bed
 *   reindeer-bed 10.231.0.1/24 =|= uplink -> bridge node0 10.231.0.2/24   etcd, API server, engine, Git, kubelet
 *     route 10.231.0.0/16       |           bridge cni0 10.231.128.1/20   pods
 *
 * (numbers and interface of the usual bed; another one has its own, see which-bed.ts)
 *
 * Nothing leads out of it: the machine does not forward for it, and nothing in it is translated to another address.
 */
const { hostInterface: HOST_INTERFACE, network: NETWORK } = thisBed();
export const HOST_ADDRESS = `${NETWORK}.0.1`;
export const NODE_ADDRESS = `${NETWORK}.0.2`;
export const NODE_NAME = 'bed-node';
const BED_RANGE = `${NETWORK}.0.0/16`;
export const SERVICE_RANGE = `${NETWORK}.64.0/20`;
/** Where the API server's own Service is reached from pods: the first address of the range. */
export const API_SERVICE_ADDRESS = `${NETWORK}.64.1`;
export const POD_RANGE = `${NETWORK}.128.0/20`;
/** Of a Docker engine of the bed's own, where one stands in for the local parts. */
export const CONTAINER_BRIDGE = `${NETWORK}.32.1/24`;
export const CONTAINER_RANGE = `${NETWORK}.48.0/20`;
/** The bed's end of the cable. */
export const NODE_BRIDGE = 'node0';

/** Makes the network namespace and answers what to put before a command so that it runs in there. */
export async function createNetwork(home: string): Promise<readonly string[]> {
  await refuseTakenRange();
  const enter = enterNetwork(home);
  mkdirSync(join(home, 'network'), { recursive: true });
  writeFileSync(namespaceFile(home), '');
  // Kept alive by this mount alone: it needs no name in /run/netns and goes away with the bed's folder.
  await run(['unshare', `--net=${namespaceFile(home)}`, 'true']);
  const inside = async (...command: readonly string[]): Promise<string> => run([...enter, ...command]);
  await run([
    'ip',
    'link',
    'add',
    HOST_INTERFACE,
    'type',
    'veth',
    'peer',
    'name',
    'uplink',
    'netns',
    namespaceFile(home),
  ]);
  await inside('ip', 'link', 'set', 'lo', 'up');
  await inside('ip', 'link', 'add', NODE_BRIDGE, 'type', 'bridge');
  await inside('ip', 'link', 'set', 'uplink', 'master', NODE_BRIDGE, 'up');
  await inside('ip', 'address', 'add', `${NODE_ADDRESS}/24`, 'dev', NODE_BRIDGE);
  await inside('ip', 'link', 'set', NODE_BRIDGE, 'up');
  // Components look for a default route to find their own address, and Service addresses need one to be looked at.
  await inside('ip', 'route', 'add', 'default', 'dev', NODE_BRIDGE);
  await inside('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  await run(['ip', 'address', 'add', `${HOST_ADDRESS}/24`, 'dev', HOST_INTERFACE]);
  await run(['ip', 'link', 'set', HOST_INTERFACE, 'up']);
  await run(['ip', 'route', 'add', BED_RANGE, 'via', NODE_ADDRESS, 'dev', HOST_INTERFACE]);
  return enter;
}

/** Put before a command so that it runs in the bed's network (and sees the machine's own mounts, cgroups among them). */
export function enterNetwork(home: string): readonly string[] {
  return ['nsenter', `--net=${namespaceFile(home)}`, '--'];
}

/** Takes the machine's end of the cable away; the namespace itself goes with its mount and its last process. */
export async function removeHostInterface(): Promise<void> {
  if (hasHostInterface()) await attempt(['ip', 'link', 'delete', HOST_INTERFACE]);
}

/** Whether the machine's end of the cable is there. */
export function hasHostInterface(): boolean {
  return existsSync(`/sys/class/net/${HOST_INTERFACE}`);
}

async function refuseTakenRange(): Promise<void> {
  const routes = await run(['ip', '-4', 'route', 'show', 'root', BED_RANGE]);
  if (routes.trim() === '') return;
  throw new Error(`the bed uses ${BED_RANGE}, but this machine already has a route into it: ${routes.trim()}`);
}

/** Where the network namespace is mounted while it lives. */
export function namespaceFile(home: string): string {
  return join(home, 'network', 'namespace');
}
