import type { Bed } from './bed.ts';
import { startContainerd } from './containerd.ts';
import { buildImage, imageTitle } from './image.ts';
import { importImage } from './import-image.ts';
import { startKubeProxy } from './kube-proxy.ts';
import { startKubelet } from './kubelet.ts';
import { NODE_NAME } from './network.ts';
import { packPauseImage } from './pause-image.ts';
import type { StepRunner } from './progress.ts';
import { startScheduler } from './scheduler.ts';
import type { BedState } from './state.ts';

/** How many steps `startNode` takes. */
export const NODE_STEPS = 5;

/** Starts all that runs pods and imports this checkout's own image. The node need not be ready yet when this answers. */
export async function startNode(
  bed: Bed,
  apiServerUrl: string,
  step: StepRunner,
): Promise<NonNullable<BedState['node']>> {
  const containerd = await step('starting containerd', async () => startContainerd(bed));
  const pid = await step('starting the kubelet', async () => {
    await importImage(await packPauseImage(bed), containerd);
    return startKubelet(bed, apiServerUrl);
  });
  await step('starting kube-proxy', async () => startKubeProxy(bed, apiServerUrl));
  await step('starting kube-scheduler', async () => startScheduler(bed, apiServerUrl));
  const image = await step(`${imageTitle()}, and importing it`, async () => importOwnImage(containerd));
  return { name: NODE_NAME, containerd, pid, image };
}

/** Builds the image of this checkout and makes it usable by pods of the node with that socket; answers its name. */
export async function importOwnImage(containerd: string): Promise<string> {
  const { name, tar } = await buildImage();
  await importImage(tar, containerd);
  return name;
}
