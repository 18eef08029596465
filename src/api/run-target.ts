import { z } from 'zod';
import { aliasName, ref } from './fragments.ts';
import { rule } from './rule.ts';

const fields = z.strictObject({
  repoRef: ref('IndexedRepo')
    .optional()
    .describe(
      'The IndexedRepo whose alias gets a new version, for strategies Rebuild and Rollback. Absent: alias says which.',
    ),
  alias: aliasName()
    .optional()
    .describe(
      'An alias that applications write to and no IndexedRepo declares, 1 to 180 characters, for strategy Copy. It has to be there. Absent: that of repoRef.',
    ),
  clusterRef: ref('SearchCluster')
    .optional()
    .describe('The SearchCluster that serves target.alias. Absent: that of the IndexedRepo.'),
});

const oneOf = rule(
  fields,
  {
    rule: 'has(self.repoRef) != has(self.alias)',
    message: 'either repoRef names an IndexedRepo, or alias names an alias',
  },
  ({ repoRef, alias }) => (repoRef === undefined) !== (alias === undefined),
);

/** The field `target` of a ReindexRequest. */
export const runTarget = rule(
  oneOf,
  {
    rule: 'has(self.alias) == has(self.clusterRef)',
    message: 'alias and clusterRef come together; an IndexedRepo names its SearchCluster itself',
  },
  ({ alias, clusterRef }) => (alias === undefined) === (clusterRef === undefined),
);

/** What a request is about, as it names it: objects of its own namespace. */
export type Named =
  | { readonly is: 'Repo'; readonly repo: string }
  | { readonly is: 'Alias'; readonly alias: string; readonly cluster: string };

/** Throws for a target that the schema refuses. */
export function namedIn({ repoRef, alias, clusterRef }: z.output<typeof runTarget>): Named {
  if (repoRef !== undefined) return { is: 'Repo', repo: repoRef.name };
  if (alias !== undefined && clusterRef !== undefined) return { is: 'Alias', alias, cluster: clusterRef.name };
  throw new Error('a target that names neither an IndexedRepo nor an alias of a SearchCluster');
}
