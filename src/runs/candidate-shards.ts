import type { EngineHands } from '../alias/engine-hands.ts';
import type { IndexSize } from '../engine/port.ts';
import { versionSet, type VersionSet } from '../alias/version-set.ts';
import { shardsFor } from '../domain/sizing.ts';
import { answerTo } from '../plan/question.ts';
import { expectedSize, ground } from './facts.ts';
import type { EngineSide, Observed } from './observed.ts';
import { engineQuestion } from './step.ts';
import type { Target } from './target.ts';

/** How many primary shards each index of a new version has: as declared, or sized by what the live version holds. */
export function shardsOf({ shape }: Pick<Target, 'shape'>, engine: EngineSide, liveBytes: number | undefined): number {
  const bytes = liveBytes === undefined ? {} : { bytes: liveBytes };
  return shape.shards ?? shardsFor({ ...expectedSize(engine), ...bytes });
}

/** Of the candidate of this run; undefined while that takes the answer to {@link liveBytes}. */
export function candidateShards(o: Observed): number | undefined {
  const { target, engine, alias } = ground(o);
  const bytes = answerTo(o, liveBytes);
  const isKnown = target.shape.shards !== undefined || bytes !== undefined || !liveSet(engine, alias);
  return isKnown ? shardsOf(target, engine, bytes) : undefined;
}

export const liveBytes = engineQuestion('bytes of the live version', async (o, { engine }) => {
  const { engine: side, alias } = ground(o);
  return (await sizeOfLive(side, alias, engine))?.bytes ?? 0;
});

/** Of what serves, all of its indices together; undefined = nothing does. */
export async function sizeOfLive(
  side: EngineSide,
  alias: string,
  { indices }: EngineHands['engine'],
): Promise<IndexSize | undefined> {
  const set = liveSet(side, alias);
  if (!set) return undefined;
  const sizes = await Promise.all(set.indices.map(async ({ name }) => indices.size(name)));
  return {
    bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    largestBytes: sizes.reduce((sum, { largestBytes }) => sum + largestBytes, 0),
  };
}

function liveSet(side: EngineSide, alias: string): VersionSet | undefined {
  const live = side.record?.live;
  const set = live == null ? undefined : versionSet(side, alias, live);
  return set?.isWhole ? set : undefined;
}
