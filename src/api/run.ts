import { duration } from './duration.ts';
import { build, retain } from './fragments.ts';

/**
 * How one heavy run behaves: a ReindexRequest holds these fields itself, an IndexedRepo holds them in the template of
 * the requests that the operator makes for it. A field that is added here is in both, and is copied by the operator.
 */
export const runFields = {
  build: build
    .optional()
    .describe('How the new version is built, for strategy Rebuild. Absent: as its fields say when they are absent.'),
  retain: retain
    .optional()
    .describe('What stays of former versions after this run. Absent: as spec.retain of the IndexedRepo says.'),
  deadline: duration({ from: '1m', to: '720h' })
    .default('24h')
    .describe(
      'How long the whole run may take from its start, 1m to 720h; then it ends as Failed, reason DeadlineExceeded.',
    ),
};
