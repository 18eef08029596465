import { duration } from './duration.ts';
import { bake, build, gates, retain } from './fragments.ts';
import { verify, warm } from './run-checks.ts';

/**
 * How one heavy run behaves: a ReindexRequest holds these fields itself, an IndexedRepo holds them in the template of
 * the requests that the operator makes for it. A field that is added here is in both, and is copied by the operator.
 */
export const runFields = {
  build: build
    .optional()
    .describe('How the new version is built, for strategy Rebuild. Absent: as its fields say when they are absent.'),
  gates: gates
    .optional()
    .describe(
      'Where the run waits for spec.approved: BeforeSwitch, with the new version verified and kept up to date; AfterBake, before anything is retired. Default: nowhere.',
    ),
  bake: bake
    .optional()
    .describe(
      'Keeps the version before up to date after the switch, so that spec.abort brings it back with nothing lost. Absent: what came before is retired at once.',
    ),
  verify: verify
    .optional()
    .describe('What is checked before the version serves, beside its counts, which always are. Absent: nothing else.'),
  warm: warm
    .optional()
    .describe(
      'Searches the version before it serves, by the queries of verify and by words of its own documents, until that gets no faster. Absent: it serves cold.',
    ),
  retain: retain
    .optional()
    .describe(
      'What stays of former versions after this run. Absent: as spec.retain of the IndexedRepo says; with target.alias the version before.',
    ),
  deadline: duration({ from: '1m', to: '720h' })
    .default('24h')
    .describe(
      'How long the whole run may take from its start, 1m to 720h; then it ends as Failed, reason DeadlineExceeded.',
    ),
  stallAfter: duration({ from: '1m', to: '720h' })
    .optional()
    .describe(
      'How long a run that is at work may make no progress before condition Stalled says so, reason NoProgress, 1m to 720h; it goes on all the same. Absent: 30m.',
    ),
};
