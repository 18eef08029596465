import { engineEffect } from '../../alias/effects/engine-effect.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { IndexBody } from '../../domain/index-body.ts';
import { indexBody } from '../../domain/shape.ts';
import { scratchName } from '../../domain/version.ts';
import type { Engine } from '../../engine/port.ts';
import type { Observed } from '../observed.ts';
import type { RunEffect } from '../step.ts';
import type { RepoTarget } from '../target.ts';

type Scratch = { readonly index: string; readonly ownerUid: string };

/**
 * Has the engine judge the body of the new version: makes an index of it, of one shard and hidden, and deletes that. What a
 * try that was cut off has left is made anew. Throws TerminalError: MappingRejected or SettingsRejected with the engine's words,
 * Drifted for an index of somebody else.
 */
const tryBody = engineEffect({
  name: 'try-body',
  // The status that says what came of it: a look before it is back would try again.
  marks: ['is-watched'],
  target: ({ index }: Scratch & { readonly body: IndexBody }) => index,
  run: async ({ index, ownerUid, body }, { engine }) => {
    if ((await engine.indices.create(index, body)) === 'exists') {
      await deleteOwn({ index, ownerUid }, engine);
      if ((await engine.indices.create(index, body)) === 'exists')
        throw new TerminalError('Drifted', `${index} was made by somebody else: left alone`);
    }
    await engine.indices.delete(index);
  },
});

export const deleteScratch = engineEffect({
  name: 'delete-scratch',
  target: ({ index }: Scratch) => index,
  run: async (scratch, { engine }) => deleteOwn(scratch, engine),
});

/** Looks again right before it deletes, and leaves an index alone that is not the owner's scratch. */
async function deleteOwn({ index, ownerUid }: Scratch, { indices }: Engine): Promise<void> {
  const [found] = await indices.describe(index);
  if (found?.meta['ownerUid'] === ownerUid && typeof found.meta['scratchOf'] === 'string') await indices.delete(index);
}

/** The body is that of the candidate, but for what says whose it is. */
export function bodyTried(
  { alias, uid: ownerUid, shape }: Pick<RepoTarget, 'alias' | 'uid' | 'shape'>,
  requestUid: string,
) {
  const meta = { managedBy: 'reindeer', alias, ownerUid, scratchOf: requestUid } as const;
  const { settings, mappings } = indexBody({ shape: { ...shape, shards: 1 }, shards: 1, meta });
  const body = { settings: { ...settings, 'index.hidden': 'true' }, mappings };
  return tryBody({ index: scratchName(alias, requestUid), ownerUid, body });
}

/** What tries of this target's owner have left: of this run, or of all. */
export function scratchLeft({ target, engine, request }: Observed, whose: 'this run' | 'any'): readonly RunEffect[] {
  if (!target || !engine) return [];
  return engine.scratch
    .filter(({ meta }) => meta['ownerUid'] === target.uid && typeof meta['scratchOf'] === 'string')
    .filter(({ meta }) => whose === 'any' || meta['scratchOf'] === request.metadata.uid)
    .map(({ name }) => deleteScratch({ index: name, ownerUid: target.uid }));
}
