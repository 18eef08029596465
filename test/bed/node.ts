import type { Bed } from './bed.ts';
import { startContainerd } from './containerd.ts';
import { buildImage, imageTitle } from './image.ts';
import { importImage } from './import-image.ts';
import { startKubeProxy } from './kube-proxy.ts';
import { startKubelet } from './kubelet.ts';
import { NODE_NAME } from './network.ts';
import { packPauseImage } from './pause-image.ts';
import type { StepRunner } from './progress.ts';
import { RefusedError } from './refused.ts';
import { startScheduler } from './scheduler.ts';
import { readBedState, writeBedState } from './state.ts';
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

/** Gives the running bed's node the image of this checkout as it is now, and answers its name. */
export async function refreshImage(): Promise<string> {
  const state = readBedState();
  if (state?.node === undefined) throw new RefusedError('no bed with a node is up: npm run bed -- up --level 1');
  const image = await importOwnImage(state.node.containerd);
  writeBedState({ ...state, node: { ...state.node, image } });
  return image;
}

async function importOwnImage(containerd: string): Promise<string> {
  const { name, tar } = await buildImage();
  await importImage(tar, containerd);
  return name;
}
