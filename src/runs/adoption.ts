import { engineEffect } from '../alias/effects/engine-effect.ts';
import { versionSet, type VersionSet } from '../alias/version-set.ts';
import { chunkerHash, schemaVersion } from '../domain/document-model.ts';
import type { IndexMeta } from '../domain/index-body.ts';
import { shapeHash } from '../domain/shape.ts';
import { versionName } from '../domain/version.ts';
import { ground, metaOf, replacedBy, repoGround } from './facts.ts';
import type { Observed } from './observed.ts';
import type { RunEffect } from './step.ts';

/**
 * What an earlier run of the same target has built, to go on with it; undefined where there is nothing that this run would
 * build as well. For a target whose runs have no object that outlives the program.
 */
export function adoption(o: Observed): RunEffect | undefined {
  const { target, engine, record, alias } = ground(o);
  if (!target.resumes || record.candidate === null) return undefined;
  const set = versionSet(engine, alias, record.candidate);
  if (!isUsable(o, set)) return undefined;
  const meta = { requestUid: o.request.metadata.uid, ...replacedBy(o) };
  return adoptVersion({ alias, number: set.number, indices: set.indices.map(({ name }) => name), meta });
}

/** It is whole, and holds of the same source the same documents in the same shape, as far as it is filled. */
function isUsable(o: Observed, { record, indices, isWhole }: VersionSet): boolean {
  const { target } = repoGround(o);
  const { source, folder, shape } = target;
  return (
    isWhole &&
    record?.schema === schemaVersion &&
    record.chunkerHash === chunkerHash &&
    record.repoUrl === source.url &&
    record.folder === folder &&
    indices.map(metaOf).every(meta => meta.ownerUid === target.uid && meta.shapeHash === shapeHash(shape))
  );
}

type Adoption = {
  readonly alias: string;
  readonly number: number;
  readonly indices: readonly string[];
  readonly meta: Pick<IndexMeta, 'requestUid' | 'replaces'>;
};

/** Writes this run into the indices of a version, as if it had made them. */
export const adoptVersion = engineEffect({
  name: 'adopt-version',
  target: ({ alias, number }: Adoption) => versionName(alias, number),
  run: async ({ indices, meta }, { engine }) => {
    for (const { name, meta: before } of await engine.indices.describe(indices.join(','))) {
      const { replaces: _before, ...kept } = before;
      await engine.indices.putMeta(name, { ...kept, ...meta });
    }
  },
});
