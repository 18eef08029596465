import type { Reason } from './reasons.ts';
import { z } from 'zod';
import { duration } from './duration.ts';
import {
  boundedMap,
  freeForm,
  intOrStringKey,
  addMeta,
  mapBy,
  matching,
  setOf,
  wholeList,
  wholeObject,
} from './rule.ts';

/** Blocks that more than one kind uses. Each is a function or a fresh object: a field describes its own use. */

/** The name of an object of Kubernetes. */
export const objectName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

/** A reference to an object of a known kind in the same namespace; there is no namespace field on purpose. */
export function ref(kind: string): z.ZodObject<{ name: z.ZodString }, z.core.$strict> {
  return wholeObject(z.strictObject({ name: objectName.describe(`Name of a ${kind} in the same namespace.`) }));
}

export const secretKey = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[-._a-zA-Z0-9]+$/);

/** A reference to one key of a Secret in the same namespace. */
export function keyRef(
  defaultKey: string,
): z.ZodObject<{ name: z.ZodString; key: z.ZodDefault<z.ZodString> }, z.core.$strict> {
  return wholeObject(
    z.strictObject({
      name: objectName.describe('Name of a Secret in the same namespace.'),
      key: secretKey.default(defaultKey).describe('Key in the Secret that holds the value.'),
    }),
  );
}

/**
 * Name of an alias or of an index of our own, short enough that a version suffix fits into the 255 bytes of an index
 * name. A name that ends like a version is refused: alias `a-v1` would be the name of version 1 of alias `a`.
 */
export function aliasName(): z.ZodString {
  const text = matching(z.string().min(1).max(180), {
    pattern: /^[a-z0-9][a-z0-9._-]*$/,
    message: 'must start with a lower-case letter or a digit and hold only a-z, 0-9, dot, underscore and hyphen',
  });
  return matching(text, {
    pattern: /-v[0-9]+(_[a-z0-9_]+)?$/,
    not: true,
    message: 'must not end like a version, such as -v1 or -v1_locations: versions are named ALIAS-vN',
  });
}

const shards = z.int().min(1).max(1024).optional();
const replicas = z.int().min(0).max(20);

/** What an index should look like; in an IndexedRepo absent replicas mean one. */
export const indexShape = z.strictObject({
  shards: shards.describe(
    'Primary shards, 1 to 1024. Absent: sized at each build as the larger of documents / 5,000,000 + 1 and bytes / 10 GiB rounded up.',
  ),
  replicas: replicas
    .default(1)
    .describe('Replicas of each shard once the version is live, 0 to 20. While it is built there are none.'),
  settings: freeForm()
    .optional()
    .describe(
      'Index settings (index.*) of an allow list; one that is not on it is named in condition Stalled, reason SettingsRejected. Filters of allocation are not: zones of the SearchCluster say where an index lies. Default: none.',
    ),
  mappings: freeForm()
    .optional()
    .describe(
      'Mappings laid field by field over those of the worker: a field named here replaces the whole definition of that field, the others stay. Default: the mappings of the worker.',
    ),
});

/** The same for an index that is copied from another one: what is absent is as there. */
export const copiedShape = z.strictObject({
  shards: shards.describe('Primary shards, 1 to 1024. Absent: as many as the index that is copied.'),
  replicas: replicas
    .optional()
    .describe(
      'Replicas of each shard once the new index is verified, 0 to 20. While it is filled there are none. Absent: as many as the index that is copied.',
    ),
  settings: freeForm()
    .optional()
    .describe(
      'Index settings (index.*) of an allow list, laid one by one over those that are copied; one that is not on it ends the run, reason SettingsRejected. Default: none.',
    ),
  mappings: freeForm()
    .optional()
    .describe(
      'Mappings laid field by field over those that are copied: a field under properties replaces the whole definition of that field, the others stay. Default: the mappings of the index that is copied.',
    ),
});

const quantity = addMeta(
  z.union([
    z.int().min(0),
    z
      .string()
      .max(32)
      .regex(/^([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[mkMGTPE])?$/),
  ]),
  { [intOrStringKey]: true },
);

const resourceList = z.strictObject({
  cpu: quantity.optional().describe('CPU in cores, such as 500m or 2. Default: none named here.'),
  memory: quantity.optional().describe('Memory in bytes, such as 512Mi or 4Gi. Default: none named here.'),
  'ephemeral-storage': quantity
    .optional()
    .describe('Local disk in bytes, such as 10Gi; the clone of the repository lies on it. Default: none named here.'),
});

const toleration = z.strictObject({
  key: z
    .string()
    .max(316)
    .optional()
    .describe('Key of the taint that is tolerated. Absent with operator Exists: every taint.'),
  operator: z
    .enum(['Exists', 'Equal'])
    .default('Equal')
    .describe('How the taint is compared: by key alone, or by key and value.'),
  value: z.string().max(63).optional().describe('Value of the taint, for operator Equal. Default: the empty value.'),
  effect: z
    .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
    .optional()
    .describe('Effect of the taint that is tolerated. Absent: every effect.'),
  tolerationSeconds: z
    .int()
    .min(0)
    .optional()
    .describe('Seconds that effect NoExecute is tolerated for. Absent: without end.'),
});

/** What a user may say about the pods of a run. Narrow on purpose: no volumes, service account or security context. */
export function podFields(chartDefault: string) {
  return {
    resources: z
      .strictObject({
        requests: resourceList
          .optional()
          .describe('What the scheduler sets aside for the pod. Default: nothing named here.'),
        limits: resourceList.optional().describe('What the pod may use at most. Default: nothing named here.'),
      })
      .optional()
      .describe(`Resources of the pod, used whole as given. Absent: the values of the chart (${chartDefault}).`),
    nodeSelector: boundedMap(z.string().max(63), 16)
      .optional()
      .describe('Labels that a node must carry to run the pod, at most 16. Default: none, any node.'),
    tolerations: wholeList(z.array(toleration).max(16))
      .optional()
      .describe('Taints that the pod tolerates, at most 16. Default: none.'),
    priorityClassName: objectName
      .optional()
      .describe('PriorityClass of the pod. Default: the priority of the cluster for pods without one.'),
  };
}

/** How one heavy run builds its version. */
export const build = z.strictObject({
  placement: z
    .enum(['Anywhere', 'BuildZone'])
    .optional()
    .describe(
      'Where the new version lies while it is built. BuildZone: in spec.zones.build of the SearchCluster alone, from where it moves to the serving zones before it is verified; what serves is kept off meanwhile. Absent: Anywhere.',
    ),
  partitions: z
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe(
      'Workers that fill the version together, each a part of the files, 1 to 256; at most 8 of their pods run at once. Absent: automatic, one for each 500,000 files or 8 GiB of text that the live version holds, at most 16, and one for a first build.',
    ),
});

/** What stays of former versions for a return. */
export const retain = z.strictObject({
  versions: z
    .int()
    .min(0)
    .max(10)
    .default(1)
    .describe(
      'Retired versions that are kept, 0 to 10, newest first. With 0 the old version is deleted once the switch was read back.',
    ),
  for: duration({ from: '1m', to: '8760h' })
    .optional()
    .describe('How long a retired version is kept at most, 1m to 8760h. Absent: until newer ones push it out.'),
});

/** Where a run waits until a human approves. */
export const gateNames = ['BeforeSwitch', 'AfterBake'] as const;
export type GateName = (typeof gateNames)[number];

export const gates = setOf(z.array(z.enum(gateNames)).max(gateNames.length));

/** What is approved beside gates: that a run goes on although checks of it neither passed nor failed. */
export const unclearApproval = 'Unclear';
const approvable = [...gateNames, unclearApproval] as const;

export const approvals = setOf(z.array(z.enum(approvable)).max(approvable.length));

/** How long the version before stays in step after a switch, so that a return loses nothing. */
export const bake = z.strictObject({
  for: duration({ from: '1m', to: '720h' }).describe(
    'How long the version before is kept up to date beside the new one, 1m to 720h; a pause of the run stops this clock.',
  ),
  onFailure: z
    .enum(['Rollback', 'Pause', 'Report'])
    .optional()
    .describe(
      'What follows when the new version is red, or a query of spec.verify fails twice in a row, asked once a minute: the version before serves again, the run stands still until it passes or is aborted, or it is only told. Absent: Pause.',
    ),
});

const time = z.string().max(64).meta({ format: 'date-time' });

/** A moment in RFC 3339, UTC. Printed as an age only where it cannot lie in the future. */
export function timeOf(description: string): z.ZodString {
  return time.describe(description);
}

const camelCase = /^[A-Z][A-Za-z0-9]*$/;

/**
 * A reason in a status. Typed as one of ours for those who write it; one that another release of the operator wrote is
 * read as it is, which is why nothing may switch over all reasons of a status.
 */
export const statusReason = z.string().min(1).max(128).regex(camelCase) as z.ZodType<string> as z.ZodType<Reason>;

const condition = z.object({
  type: z.string().min(1).max(64).regex(camelCase).describe('What the condition is about, CamelCase.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds: True, False or Unknown.'),
  reason: statusReason.describe('Why, in one CamelCase word out of docs/reasons.md.'),
  message: z.string().max(32768).describe('Why, for people; may be empty. Not meant for programs.'),
  lastTransitionTime: timeOf('When status last went from one value to another.'),
  observedGeneration: z.int().min(0).describe('The metadata.generation that the condition was decided for.'),
});

/** The field `conditions` of every status: one entry per type, so that server-side apply can own them one by one. */
export function conditionsOf(types: readonly string[]) {
  return mapBy(z.array(condition).max(16), 'type')
    .optional()
    .describe(`Conditions by type: ${types.join(', ')}. docs/reasons.md explains every reason.`);
}

/** The field `observedGeneration` of every status. */
export const observedGeneration = z
  .int()
  .min(0)
  .optional()
  .describe(
    'The metadata.generation that this status was made for; a smaller one than the metadata says is out of date.',
  );

/** One version behind an alias, as a status shows it. */
export const versionStatus = z.object({
  name: z.string().describe('Name of the version, ALIAS-vN, which is also the name of its first index.'),
  number: z.int().min(1).describe('Number of the version; only grows and is never used again.'),
  indices: z.array(z.string()).max(16).describe('Indices that make up the version.'),
  since: timeOf(
    'Since when the version stands where it is listed: live, candidate or retired. Absent where that is not followed.',
  ).optional(),
  expires: timeOf('When a retired version is deleted. Absent: no time is set.').optional(),
  request: z
    .string()
    .optional()
    .describe('Name of the ReindexRequest that built the version. Absent: built outside Kubernetes.'),
  commit: z.string().optional().describe('Git commit whose tree the version holds. Absent until a run ended well.'),
  shortCommit: z.string().optional().describe('First 10 digits of the commit, for the COMMIT column.'),
  documents: z
    .int()
    .min(0)
    .optional()
    .describe('Documents as the alias shows them. Absent until the version was live once.'),
  shape: z
    .string()
    .optional()
    .describe(
      'Hash of the shape that the version was built with; another hash than the declared one makes a rebuild due.',
    ),
  workerImage: z
    .string()
    .optional()
    .describe(
      'Image that light runs of this version use: the one that built it, or a later release of that one which cuts text the same way.',
    ),
});
