import { run } from './command.ts';
import { readBedState } from './state.ts';

/** Makes the images of an archive (OCI or Docker) usable by pods; of the running bed unless another socket is named. */
export async function importImage(archive: string, containerd?: string): Promise<void> {
  const socket = containerd ?? readBedState()?.node?.containerd;
  if (socket === undefined) throw new Error('no bed with a node is up: npm run bed -- up --level 1');
  await run(['ctr', '--address', socket, '--namespace', 'k8s.io', 'images', 'import', archive]);
}
