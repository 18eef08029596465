import { z } from 'zod';
import { conditionsOf, observedGeneration, statusReason, timeOf, versionStatus } from './fragments.ts';
import { conditionTypes } from './meta.ts';
import { mapBy, wholeList } from './rule.ts';

/** What stands behind an alias, how old it is, and whether anything is going on. No field says when we last looked. */

const lightStatus = z.object({
  next: z
    .string()
    .optional()
    .describe(
      'When the remote is asked next, for the NEXT RUN column: a time in RFC 3339, or how often where that is more than once an hour. Absent while paused or unreadable.',
    ),
  lastRunNow: z
    .string()
    .optional()
    .describe('Value of the annotation reindeer.dev/run-now that was answered last. Absent: it was never set.'),
  failures: z.int().min(0).describe('Light runs that failed in a row; 0 after one that ended well.'),
  last: z
    .object({
      job: z.string().describe('Name of the Job.'),
      version: z
        .string()
        .optional()
        .describe(
          'Version that it wrote: the live one, or in a bake the one before. Absent: an earlier release ran it.',
        ),
      outcome: z
        .enum(['Succeeded', 'NoOp', 'Skipped', 'Failed'])
        .describe('How the run ended: Succeeded, NoOp, Skipped or Failed.'),
      reason: z.string().describe('Why it ended so, in one CamelCase word.'),
      from: z.string().describe('Commit that the live version held before; empty when it held none.'),
      to: z.string().describe('Commit that the run was to reach.'),
      started: timeOf('When the Job started.'),
      finished: timeOf('When the Job ended.'),
    })
    .optional()
    .describe('The last light run that ended. Absent before the first.'),
});

const rebuildStatus = z.object({
  due: mapBy(
    z
      .array(
        z.object({
          reason: statusReason.describe(
            'Why a rebuild is due: NoLiveVersion, SpecChanged, WorkerChanged, ShardsOutgrown, Scheduled or RevisionChanged.',
          ),
          message: z.string().describe('What differs between the declared and the live version.'),
          held: z
            .boolean()
            .describe(
              'Whether it is known and not acted upon: a rollback left this shape (see heldShape), or spec.rebuild.automaticFor leaves it to people.',
            ),
        }),
      )
      .max(8),
    'reason',
  )
    .optional()
    .describe('Why a rebuild is due, by reason. Absent or empty: none is due.'),
  request: z
    .string()
    .optional()
    .describe('Name of the ReindexRequest that is at work for this object. Absent: none is.'),
  next: z
    .string()
    .optional()
    .describe(
      'When a failed rebuild is tried again, or the next slot of spec.rebuild.schedule comes, whichever is first, RFC 3339. Absent: neither waits.',
    ),
  revision: z.string().optional().describe('Value of spec.rebuild.revision that was built last. Absent: none was.'),
  heldShape: z
    .string()
    .optional()
    .describe(
      'Hash of what a rollback left: this shape is not built again by itself until the declared shape, the declared image or spec.rebuild.revision changes. Absent: nothing is held.',
    ),
});

/** Foreign indices that a status names; more of them do not make it clearer. */
export const foreignShown = 20;

export const indexedRepoStatus = z.object({
  observedGeneration,
  live: versionStatus.optional().describe('The version that the alias points at. Absent until the first switch.'),
  candidate: versionStatus.optional().describe('The version that is being built. Absent while none is.'),
  retired: wholeList(z.array(versionStatus).max(11))
    .optional()
    .describe('Former live versions that are kept for a return, newest first, at most 11.'),
  foreign: wholeList(z.array(z.string()).max(foreignShown))
    .optional()
    .describe(
      `Indices that are named like versions of this alias and belong to something else: they are neither used nor deleted, and their numbers are passed over. At most ${foreignShown}. Absent: there is none.`,
    ),
  lock: z
    .object({
      holder: z.string().describe('Who holds the alias, such as ReindexRequest/shop/kibana-8f3a.'),
      kind: z.enum(['Heavy', 'Light', 'External']).describe('What kind of run holds it: Heavy, Light or External.'),
      token: z.int().min(0).describe('Fencing token of the grant; only grows.'),
      since: timeOf('Since when it is held.'),
      silentSince: timeOf(
        'Since when its holder has not renewed a lease that is over by now. Absent: it renews it, or is a run that Kubernetes knows.',
      ).optional(),
    })
    .optional()
    .describe('Who may change the alias now. Absent: nobody holds it.'),
  source: z
    .object({
      commit: z.string().describe('Newest commit seen on the remote.'),
      behindSince: timeOf(
        'Since when the live version has been behind that commit, for the BEHIND column. Absent: it is not.',
      ).optional(),
    })
    .optional()
    .describe('What the remote said last. Absent until it answered once.'),
  light: lightStatus.optional().describe('Light runs: the next one, the last one, and failures in a row.'),
  rebuild: rebuildStatus.optional().describe('Heavy runs: whether one is due, at work or waiting.'),
  conditions: conditionsOf(conditionTypes.IndexedRepo),
});
