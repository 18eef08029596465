import { z } from 'zod';
import { duration } from './duration.ts';
import {
  approvals,
  conditionsOf,
  gateNames,
  observedGeneration,
  timeOf,
  unclearApproval,
  versionStatus,
} from './fragments.ts';
import type { Frozen, Kind, ObjectOf } from './kind.ts';
import { buildZone } from './build-zone.ts';
import { copy } from './copy.ts';
import { conditionTypes, group, version } from './meta.ts';
import { immutableExcept, mapBy, rule, transitionRule } from './rule.ts';
import { preflight, verification, warmStatus } from './run-checks.ts';
import { runFields } from './run.ts';
import { runTarget } from './run-target.ts';

/** One heavy run: what is rebuilt, how, and how it went. */

const fields = z.strictObject({
  target: runTarget.describe('What the run is about: an IndexedRepo, or an alias of a SearchCluster.'),
  strategy: z
    .enum(['Rebuild', 'Rollback', 'Copy'])
    .describe(
      'What the alias shall serve. Rebuild: a new version, built from the Git repository beside the live one. Rollback: a retired version again; it goes before a running rebuild, which is aborted. Copy: a new index with the documents of the live one, which is written to all the while.',
    ),
  rollback: z
    .strictObject({
      toVersion: z
        .int()
        .min(1)
        .optional()
        .describe(
          'Number of the retired version to return to, 1 or more. Absent: the one that was left last and is older than the live one, never one of the shape that is held back.',
        ),
      warmFirst: z
        .boolean()
        .optional()
        .describe('Searches the version before it serves, as warm says, or for 5m at most without it. Absent: false.'),
    })
    .optional()
    .describe('How to go back, for strategy Rollback. Absent: to the version before the live one.'),
  copy: copy
    .optional()
    .describe(
      'What is copied into, and how it is switched to, for strategy Copy, which needs it. Absent: nothing is copied.',
    ),
  adopt: z
    .boolean()
    .optional()
    .describe(
      'Takes over target.alias with the index that it serves, when no run has before. Without it such an alias ends the run, reason AdoptionNeeded. Absent: false.',
    ),
  ...runFields,
  whenBusy: z
    .enum(['Queue', 'Preempt', 'Fail'])
    .optional()
    .describe(
      'What the request does while another holds the alias or its cluster is at its limit: wait for its turn, have a run of the same alias that is not as urgent aborted, or end as Failed, reason Busy. Absent: Preempt for a Rollback, else Queue.',
    ),
  dryRun: z
    .boolean()
    .optional()
    .describe(
      'Looks whether the run could work and what it would do, and ends as Succeeded, reason DryRun: nothing stays made, claimed or locked. Absent: false.',
    ),
  paused: z
    .boolean()
    .optional()
    .describe(
      'Holds the run where it is, in any phase: Jobs stop and go on afterwards from where they were, and the clocks of bake and deadline stand still. Absent: false.',
    ),
  abort: z
    .boolean()
    .optional()
    .describe(
      'Gives the run up, for good. Before the switch what it made is removed; in a bake the version before serves again and the run ends as RolledBack; later it is too late, reason IgnoredInStage. Goes before paused. Absent: false.',
    ),
  approved: approvals
    .optional()
    .describe(
      'Gates of spec.gates that the run may pass, and Unclear: it goes on although checks neither passed nor failed. It only grows. Not for objects kept in Git. Default: none.',
    ),
  ttlAfterFinished: duration({ from: '1m', to: '8760h' })
    .optional()
    .describe(
      'How long the object stays after its end, 1m to 8760h. Absent: it stays. Not for objects kept in Git: the sync tool would make them anew, again and again.',
    ),
});

const rollsBack = rule(
  fields,
  {
    rule: "!has(self.rollback) || self.strategy == 'Rollback'",
    message: 'rollback belongs to strategy Rollback',
  },
  ({ rollback, strategy }) => rollback === undefined || strategy === 'Rollback',
);

const aboutRepo = rule(
  rollsBack,
  {
    rule: "self.strategy == 'Copy' || has(self.target.repoRef)",
    message: 'strategies Rebuild and Rollback need target.repoRef',
  },
  ({ strategy, target }) => strategy === 'Copy' || target.repoRef !== undefined,
);

const aboutAlias = rule(
  aboutRepo,
  {
    rule: "self.strategy != 'Copy' || has(self.target.alias)",
    message: 'strategy Copy needs target.alias; what an IndexedRepo declares is built from Git by strategy Rebuild',
  },
  ({ strategy, target }) => strategy !== 'Copy' || target.alias !== undefined,
);

const copying = rule(
  aboutAlias,
  { rule: "has(self.copy) == (self.strategy == 'Copy')", message: 'copy belongs to strategy Copy, which needs it' },
  ({ copy: said, strategy }) => (said !== undefined) === (strategy === 'Copy'),
);

const adopting = rule(
  copying,
  { rule: '!has(self.adopt) || has(self.target.alias)', message: 'adopt belongs to target.alias' },
  ({ adopt, target }) => adopt === undefined || target.alias !== undefined,
);

/** What no step of a copy does is refused, never accepted and ignored. */
const plainCopy = rule(
  adopting,
  {
    rule: "self.strategy != 'Copy' || (!has(self.verify) && !has(self.warm) && !has(self.bake) && (!has(self.dryRun) || !self.dryRun) && (!has(self.gates) || !('AfterBake' in self.gates)))",
    message:
      'strategy Copy has no verify, warm, bake, dryRun and no gate AfterBake; it compares all documents by itself',
  },
  ({ strategy, verify, warm, bake: baked, dryRun = false, gates: declared = [] }) =>
    strategy !== 'Copy' ||
    ([verify, warm, baked].every(said => said === undefined) && !dryRun && !declared.includes('AfterBake')),
);

const checked = rule(
  plainCopy,
  { rule: "!has(self.build) || self.strategy == 'Rebuild'", message: 'build belongs to strategy Rebuild' },
  value => value.build === undefined || value.strategy === 'Rebuild',
);

const digesting = rule(
  checked,
  {
    rule: "!has(self.verify) || !has(self.verify.digest) || self.strategy == 'Rebuild'",
    message: 'verify.digest belongs to strategy Rebuild',
  },
  ({ verify, strategy }) => verify?.digest === undefined || strategy === 'Rebuild',
);

const approving = rule(
  digesting,
  {
    rule: `!has(self.approved) || self.approved.all(each, each == '${unclearApproval}' || (has(self.gates) && each in self.gates))`,
    message: `approved names gates of this request, or ${unclearApproval}`,
  },
  ({ approved = [], gates: declared = [] }) =>
    approved.every(each => each === unclearApproval || declared.includes(each)),
);

const dry = rule(
  approving,
  {
    rule: '!has(self.dryRun) || !self.dryRun || (!has(self.gates) && !has(self.bake))',
    message: 'a dry run neither waits at gates nor bakes',
  },
  ({ dryRun = false, gates: declared, bake: baked }) => !dryRun || (declared === undefined && baked === undefined),
);

const fixed = immutableExcept(
  dry,
  ['paused', 'abort', 'approved', 'ttlAfterFinished'],
  'a request is immutable; only paused, abort, approved and ttlAfterFinished may change',
);

const aborted = transitionRule(fixed, {
  rule: '!has(oldSelf.abort) || !oldSelf.abort || (has(self.abort) && self.abort)',
  message: 'abort cannot be taken back: apply a new request',
});

const approved = transitionRule(aborted, {
  rule: '!has(oldSelf.approved) || (has(self.approved) && oldSelf.approved.all(gate, gate in self.approved))',
  message: 'approved only grows',
});

const spec = transitionRule(approved, {
  rule: '!has(self.abort) || !self.abort || (has(oldSelf.abort) && oldSelf.abort) || !has(self.approved) || (has(oldSelf.approved) && self.approved.all(gate, gate in oldSelf.approved))',
  message: 'one edit either approves or aborts',
});

const progress = z.object({
  unit: z
    .enum(['Files', 'Documents'])
    .describe('What done and total count: files that are indexed, or documents that are copied.'),
  done: z.int().min(0).describe('Units that are done.'),
  total: z.int().min(0).describe('Units that there are to do, as far as is known now.'),
  perSecond: z.int().min(0).describe('Units per second of late, rounded.'),
  summary: z.string().describe('Share and rate in a few characters, such as "41% 3.1k/s", for the PROGRESS column.'),
  eta: z.string().optional().describe('When the build is expected to end, RFC 3339. Absent while nobody can say.'),
  moved: timeOf('When done last changed. Absent: an earlier release wrote it.').optional(),
});

const status = z.object({
  observedGeneration,
  phase: z
    .string()
    .optional()
    .describe('Where the run is, for people. Programs read the conditions: phases may be added.'),
  alias: z.string().optional().describe('Alias that the run is about, resolved from spec.target.'),
  cause: z
    .string()
    .optional()
    .describe('Why the operator made this request, such as SpecChanged. Absent: somebody else made it.'),
  from: versionStatus.optional().describe('Version that was live when the run began. Absent: there was none.'),
  to: versionStatus.optional().describe('Version that the run builds. Absent until it has its number.'),
  queue: z
    .object({
      position: z
        .int()
        .min(1)
        .describe(
          'Place in the queue; 1 is next. Exact up to 10; further back the place at which it was queued. A run that something else keeps from starting keeps the place that it had, and those behind it go first.',
        ),
      behind: z
        .string()
        .describe('Who holds what this run waits for, with its namespace, such as ReindexRequest/shop/kibana-8f3a.'),
    })
    .optional()
    .describe('What the run waits behind. Absent once it started.'),
  preflight: preflight
    .optional()
    .describe('What was found before anything was made. Absent while it is not known, and where nothing is built.'),
  buildZone: buildZone
    .optional()
    .describe('How the build zone is used, with build.placement BuildZone. Absent before.'),
  spread: timeOf(
    'When the new version lay in the serving zones, and the build zone was free again. Absent before.',
  ).optional(),
  progress: progress
    .optional()
    .describe('How far the build is; written at most every 5 seconds. Absent before and after it.'),
  verification: verification.optional().describe('What was checked before the switch, by name.'),
  gate: z
    .enum(gateNames)
    .optional()
    .describe('The gate at which the run waits for spec.approved. Absent: it waits at none.'),
  warm: warmStatus.optional().describe('How the version was warmed before it serves. Absent: it was not.'),
  bakeChecks: verification
    .optional()
    .describe('What the checks in the bake came to last, by name. A failure is Unclear until it is seen again.'),
  cutOver: z
    .object({
      epoch: z.int().min(0).describe('How often its writer was taken over or given up before.'),
      attempt: z.int().min(0).describe('Attempt of that writer, from 1; 0 while the operator gives it up.'),
      blockedSince: timeOf(
        'Since when writers of the live index are refused in this attempt, as the operator saw it. Absent: they are not.',
      ).optional(),
    })
    .optional()
    .describe('The attempt of a copy to take the aliases over that is under way. Absent: none is.'),
  blockedMillis: z
    .int()
    .min(0)
    .optional()
    .describe(
      'Milliseconds that writers were refused in the attempt that switched, from the write block to the switch. Absent before, and where its worker could not say it.',
    ),
  switched: timeOf('When the alias was switched and read back. Absent before.').optional(),
  bakeUntil: timeOf(
    'When the bake ends; moves by as long as the run is paused in it. Absent before the bake.',
  ).optional(),
  pausedSeconds: z
    .int()
    .min(0)
    .optional()
    .describe(
      'Whole seconds that the run was paused or waited at gates so far; spec.deadline does not count them. What lasts now is added when it ends.',
    ),
  started: timeOf('When the run took the lock of the alias. Absent while it waits.').optional(),
  finished: timeOf('When the run ended, well or badly. Absent before.').optional(),
  steps: mapBy(
    z
      .array(
        z.object({
          name: z.string().describe('Name of the step, one entry each.'),
          started: timeOf('When the step began.'),
          finished: timeOf('When the step was done. Absent while it runs.').optional(),
        }),
      )
      .max(40),
    'name',
  )
    .optional()
    .describe('History of the run, step by step, at most 40.'),
  conditions: conditionsOf(conditionTypes.ReindexRequest),
});

export const reindexRequestKind = {
  resource: { group, version, plural: 'reindexrequests', kind: 'ReindexRequest' },
  singular: 'reindexrequest',
  shortNames: ['rreq'],
  description:
    'A ReindexRequest is one heavy run: it builds a new version behind an alias, checks it and switches the alias to it. The operator makes them for an IndexedRepo; people may make their own.',
  columns: [
    { name: 'Alias', type: 'string', path: '.status.alias', description: 'Alias that the run is about' },
    { name: 'Strategy', type: 'string', path: '.spec.strategy', description: 'What the alias shall serve' },
    { name: 'Phase', type: 'string', path: '.status.phase', description: 'Where the run is' },
    {
      name: 'Progress',
      type: 'string',
      path: '.status.progress.summary',
      description: 'How much of the build is done, and how fast',
    },
    { name: 'ETA', type: 'string', path: '.status.progress.eta', description: 'When the build is expected to end' },
    {
      name: 'From',
      type: 'string',
      path: '.status.from.name',
      description: 'Version that was live when the run began',
    },
    { name: 'To', type: 'string', path: '.status.to.name', description: 'Version that the run builds' },
    {
      name: 'Reason',
      type: 'string',
      path: '.status.conditions[?(@.type=="Succeeded")].reason',
      description: 'Why the run stands or ended as it did',
    },
    { name: 'Age', type: 'date', path: '.metadata.creationTimestamp', description: 'Since when the object exists' },
    {
      name: 'Cause',
      type: 'string',
      path: '.status.cause',
      description: 'Why the operator made the request',
      wide: true,
    },
  ],
  selectable: ['.spec.target.repoRef.name', '.spec.strategy'],
  spec,
  status,
} as const satisfies Kind;

export const reindexRequestResource = reindexRequestKind.resource;

/** Defaults filled in. */
export type ReindexRequestSpec = Frozen<z.output<typeof spec>>;
export type ReindexRequestStatus = Frozen<z.output<typeof status>>;
export type ReindexRequest = ObjectOf<typeof reindexRequestKind>;
