import { z } from 'zod';
import { group, version } from './meta.ts';
import { duration } from './duration.ts';
import { aliasName, indexShape, podFields, ref, retain, type versionStatus } from './fragments.ts';
import { gitSource } from './git-source.ts';
import { indexedRepoStatus } from './indexed-repo-status.ts';
import type { Frozen, Kind, ObjectOf } from './kind.ts';
import { rebuild } from './rebuild.ts';
import { immutable, wholeList } from './rule.ts';
import { schedule } from './schedule.ts';

/** What should be searchable under which alias, from which Git repository, how fresh, in which shape. */

const light = z.strictObject({
  schedule: schedule
    .default('@every 10m')
    .describe(
      'When the remote is asked for new commits: five cron fields read in spec.timeZone, or "@every DURATION" (1m to 720h), spread over the interval by the uid of the object. Without a new commit no pod starts.',
    ),
  duringReindex: z
    .enum(['Skip', 'Continue'])
    .default('Skip')
    .describe(
      'What light runs do while a heavy run of this object builds a new version. Skip: they wait. Continue: they go on updating the live version until the new one is caught up to the newest commit; a switch never goes back in time either way.',
    ),
  deadline: duration({ from: '1m', to: '24h' })
    .default('1h')
    .describe(
      'How long one light run may take, 1m to 24h; then its pod is stopped and the next run goes on from there.',
    ),
  ...podFields('requests 100m CPU and 256Mi, limit 512Mi memory'),
});

const worker = z.strictObject({
  image: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .describe(
      'Image of the worker; another one than built the live version makes a rebuild due. Absent: the image of the operator itself.',
    ),
  imagePullSecrets: wholeList(z.array(ref('Secret')).max(8))
    .optional()
    .describe('Secrets to pull the image with, at most 8. Default: none.'),
});

const spec = z.strictObject({
  clusterRef: immutable(
    ref('SearchCluster'),
    'clusterRef is immutable: declare a second IndexedRepo on the new cluster',
  ).describe('The SearchCluster that serves the alias. Immutable.'),
  alias: immutable(aliasName(), 'alias is immutable: declare a second IndexedRepo with the new alias').describe(
    'The public name that people query, 1 to 180 characters. The indices behind it are named ALIAS-vN. Immutable.',
  ),
  source: gitSource.describe('The Git repository whose files become searchable.'),
  timeZone: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/)
    .default('Etc/UTC')
    .describe('IANA time zone that cron schedules are read in, such as Europe/Paris.'),
  light: light
    .prefault({})
    .describe('Light runs: small, scheduled Jobs that bring the live version to the newest commit.'),
  heavy: z
    .strictObject(podFields('requests 1 CPU and 1Gi, limit 2Gi memory'))
    .prefault({})
    .describe('Pods of heavy runs, which build a whole version.'),
  worker: worker
    .optional()
    .describe('The program that reads the repository and writes the documents. Absent: the one of the operator.'),
  index: indexShape.prefault({}).describe('Shape of the index. A change makes a rebuild due.'),
  rebuild: rebuild.prefault({}).describe('When a whole new version is built.'),
  retain: retain.prefault({}).describe('What stays of former versions for a return.'),
  freshWithin: duration({ from: '1m', to: '8760h' })
    .default('1h')
    .describe(
      'Condition Fresh turns False when the live version has been behind the newest commit for longer, 1m to 8760h.',
    ),
  paused: z.boolean().default(false).describe('When true nothing new starts for this repository; the alias serves on.'),
  deletionPolicy: z
    .enum(['Retain', 'Delete'])
    .default('Retain')
    .describe(
      'What becomes of alias and versions when this object is deleted. Retain: they serve on. Delete: those that we own are deleted.',
    ),
});

export const indexedRepoKind = {
  resource: { group, version, plural: 'indexedrepos', kind: 'IndexedRepo' },
  singular: 'indexedrepo',
  shortNames: ['irepo'],
  description:
    'An IndexedRepo says what should be searchable under which alias: from which Git repository, how fresh, in which shape. Light runs keep the live version fresh; a new shape is built beside it and switched in.',
  columns: [
    { name: 'Alias', type: 'string', path: '.spec.alias', description: 'The public name that people query' },
    { name: 'Live', type: 'string', path: '.status.live.name', description: 'Version that the alias points at' },
    {
      name: 'Commit',
      type: 'string',
      path: '.status.live.shortCommit',
      description: 'Commit that the live version holds',
    },
    { name: 'Docs', type: 'integer', path: '.status.live.documents', description: 'Documents as the alias shows them' },
    {
      name: 'Fresh',
      type: 'string',
      path: '.status.conditions[?(@.type=="Fresh")].status',
      description: 'Whether the live version is fresh enough',
    },
    {
      name: 'Behind',
      type: 'date',
      path: '.status.source.behindSince',
      description: 'For how long the live version has been behind',
    },
    {
      name: 'Ready',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether the alias serves a verified version',
    },
    {
      name: 'Reason',
      type: 'string',
      path: '.status.conditions[?(@.type=="Ready")].reason',
      description: 'Why it is Ready or not',
    },
    { name: 'Age', type: 'date', path: '.metadata.creationTimestamp', description: 'Since when the object exists' },
    {
      name: 'Cluster',
      type: 'string',
      path: '.spec.clusterRef.name',
      description: 'SearchCluster that serves the alias',
      wide: true,
    },
    {
      name: 'Lock',
      type: 'string',
      path: '.status.lock.holder',
      description: 'Who may change the alias now',
      wide: true,
    },
    {
      name: 'Candidate',
      type: 'string',
      path: '.status.candidate.name',
      description: 'Version that is being built',
      wide: true,
    },
    {
      name: 'Next Run',
      type: 'string',
      path: '.status.light.next',
      description: 'When the remote is asked next',
      wide: true,
    },
    {
      name: 'Paused',
      type: 'string',
      path: '.status.conditions[?(@.type=="Paused")].status',
      description: 'Whether nothing new starts, by its own switch or its cluster',
      wide: true,
    },
    {
      name: 'Held',
      type: 'string',
      path: '.status.rebuild.due[?(@.held==true)].reason',
      description: 'Why a rebuild is due that is not begun by itself, say after a rollback',
      wide: true,
    },
  ],
  selectable: ['.spec.clusterRef.name', '.spec.alias'],
  spec,
  status: indexedRepoStatus,
} as const satisfies Kind;

export const indexedRepoResource = indexedRepoKind.resource;

/** Defaults filled in. */
export type IndexedRepoSpec = Frozen<z.output<typeof spec>>;
export type IndexedRepoStatus = Frozen<z.output<typeof indexedRepoStatus>>;
export type IndexedRepo = ObjectOf<typeof indexedRepoKind>;
export type VersionStatus = Frozen<z.output<typeof versionStatus>>;
