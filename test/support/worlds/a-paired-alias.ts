import { drive, type Driven } from '../../../src/cli/drive.ts';
import { indexInto } from '../../../src/cli/index-run.ts';
import { LocalWork } from '../../../src/cli/local-work.ts';
import { withSource } from '../../../src/cli/source.ts';
import { cliOwnerUid } from '../../../src/cli/context.ts';
import { keys } from '../../../src/api/meta.ts';
import type { ReindexRequest } from '../../../src/api/reindex-request.ts';
import type { Engine } from '../../../src/engine/port.ts';
import type { RepoTarget } from '../../../src/runs/target.ts';
import { aCommandLine } from '../real/a-command-line.ts';
import { aTarget } from '../objects/a-run.ts';
import { aReindexRequest } from '../objects/an-object.ts';

/** The second index of every version of such an alias, and what the alias shows of it. */
export const placesAlias = { filter: { term: { doc: 'place' } } };

type Strategy = ReindexRequest['spec']['strategy'];

/**
 * Runs of an alias whose versions are of two indices, driven to their end on an engine that need be no fake: each is told
 * what to do by strategy, and fills the main index from the repository.
 */
export function aPairedAlias(of: {
  readonly alias: string;
  readonly prefix: string;
  readonly repository: string;
}): (strategy: Strategy, engine: Engine) => Promise<Driven> {
  const { alias, prefix, repository } = of;
  return async (strategy, engine) => {
    const context = aCommandLine(engine, prefix);
    await context.settings.ensure();
    const folder = { repository, branch: '', credentials: {}, signal: context.signal };
    return withSource(folder, async source => {
      const asked = { alias, branch: '', folder: '', clean: true, keepOldIndices: false };
      const work = new LocalWork(
        async ({ token, work: { index, mode } }) =>
          indexInto(context, source, { request: asked, index, mode, tokenFloor: token }),
        context.processUid,
      );
      const head = { is: 'found', commit: source.commit } as const;
      const request = requestOf(strategy, context.processUid);
      return drive({ context, request, target: targetOf(alias, source.repoUrl), head, image: 'reindeer:test', work });
    });
  };
}

function targetOf(alias: string, url: string): RepoTarget {
  const base = aTarget({ spec: { retain: { versions: 1 }, index: { shards: 1, replicas: 0 } } });
  const members = [{ role: 'main' }, { role: 'places', properties: placesAlias }];
  const { source } = base;
  return {
    ...base,
    alias,
    uid: cliOwnerUid,
    source: { ...source, url, ref: '' },
    members,
    resumes: true,
    mayOwn: true,
  };
}

function requestOf(strategy: Strategy, uid: string): ReindexRequest {
  const { metadata, ...request } = aReindexRequest({ spec: { strategy } });
  return { ...request, metadata: { ...metadata, uid, finalizers: [keys.finalizer] } };
}
