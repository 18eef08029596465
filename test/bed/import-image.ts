import { run } from './command.ts';

/** Makes the images of an archive (OCI or Docker) usable by the pods of the containerd with that socket. */
export async function importImage(archive: string, containerd: string): Promise<void> {
  await run(['ctr', '--address', containerd, '--namespace', 'k8s.io', 'images', 'import', archive]);
}
