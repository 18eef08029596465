import { versionName } from '../../domain/version.ts';
import { shardsOf } from '../candidate-shards.ts';
import type { EngineSide } from '../observed.ts';
import type { RepoTarget } from '../target.ts';

/** The new version, as far as it is known before anything of it is made. */
export type PlannedVersion = {
  readonly alias: string;
  /** The name that it will have, unless another run draws that number first. */
  readonly name: string;
  readonly indices: number;
  /** Primary shards of each of its indices. */
  readonly shards: number;
  readonly replicas: number;
  /** What serves now; undefined = a first build. */
  readonly live: { readonly name: string; readonly files: number; readonly chunks: number } | undefined;
};

/** Needs neither the lock nor a record of the alias: a target that nothing was made for yet is planned as well. */
export function plannedVersion(target: RepoTarget, engine: EngineSide, liveBytes: number | undefined): PlannedVersion {
  const { alias, shape, members } = target;
  const { record, versions } = engine;
  const live = versions.find(({ number }) => number === record?.live);
  return {
    alias,
    name: versionName(alias, record?.nextVersion ?? 1),
    indices: members.length,
    shards: shardsOf(target, engine, liveBytes),
    replicas: shape.replicas,
    live: live && { name: versionName(alias, live.number), files: live.files, chunks: live.chunks },
  };
}
