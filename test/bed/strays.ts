import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from './containerd.ts';
import { isRoot } from './tools.ts';

const CONTAINER_LOGS = '/var/log/containers';
const CNI_RESULTS = '/var/lib/cni/results';

/** Files that the node's parts write outside of the bed's folder, whatever their configuration says. */
export function straysOf(home: string): readonly string[] {
  if (!isRoot()) return [];
  return [...logLinks(home), ...networkResults(home), ...shimSockets(home)];
}

/** The kubelet links every container's log. */
function logLinks(home: string): readonly string[] {
  return entriesOf(CONTAINER_LOGS).filter(link => targetOf(link).startsWith(`${home}/`));
}

/** libcni keeps what it did for each pod's network namespace, which it names by path. */
function networkResults(home: string): readonly string[] {
  return entriesOf(CNI_RESULTS).filter(file => readFileSync(file, 'utf8').includes(`"${home}/`));
}

/** Each container's keeper listens in /run/containerd; it takes its socket away when it ends, unless it was killed. */
function shimSockets(home: string): readonly string[] {
  const tasks = join(stateFolder(home), 'io.containerd.runtime.v2.task', 'k8s.io');
  return entriesOf(tasks)
    .map(task => join(task, 'address'))
    .filter(address => existsSync(address))
    .map(address => readFileSync(address, 'utf8').replace(/^unix:\/\//, ''))
    .filter(socket => existsSync(socket));
}

function entriesOf(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).map(name => join(folder, name)) : [];
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    // No link, so none of ours.
    return '';
  }
}
