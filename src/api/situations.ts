import type { conditionTypes } from './meta.ts';
import type { Reason } from './reasons.ts';

/** What people on call meet, and where the objects say so: `docs/situations.md` is made of it, each row is made for real in a test. */
export type Situation = {
  /** What is wrong, as who caused it would put it. */
  readonly what: string;
  /** What ends it: nothing that the operator made is touched for that. */
  readonly remedy: string;
  readonly told: Told<'IndexedRepo'> | Told<'SearchCluster'>;
  /** Told and untold within so many seconds from when it can be seen. */
  readonly withinSeconds: number;
  /** The rule of the chart that fires when it lasts. */
  readonly alert: string;
};

type Told<Kind extends keyof typeof conditionTypes> = {
  readonly on: Kind;
  readonly type: (typeof conditionTypes)[Kind][number];
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
};

const podPending = { on: 'IndexedRepo', type: 'Reconciling', status: 'True', reason: 'PodPending' } as const;
const denied = { on: 'IndexedRepo', type: 'Stalled', status: 'True', reason: 'KubernetesDenied' } as const;
const stalled = 'ReindeerRepositoryStalled';
const notReady = 'ReindeerClusterNotReady';

function engineTells(reason: Reason): Told<'SearchCluster'> {
  return { on: 'SearchCluster', type: 'Ready', status: 'False', reason };
}

export const situations = {
  'image-unpullable': {
    what: 'The image of the worker cannot be pulled',
    remedy:
      'Give `spec.worker.image` an image that can be pulled, or `spec.worker.imagePullSecrets`; the run is made anew.',
    told: podPending,
    withinSeconds: 60,
    alert: stalled,
  },
  'no-node': {
    what: 'No node may take the pods of a run',
    remedy:
      "Add a node, or change `nodeSelector`, `tolerations` or `resources` of `spec.heavy` (`spec.light`); the message has the scheduler's words.",
    told: podPending,
    withinSeconds: 60,
    alert: stalled,
  },
  'quota-on-pods': {
    what: 'A quota leaves no room for a pod',
    remedy: 'Raise the ResourceQuota, or end what uses it up.',
    told: podPending,
    withinSeconds: 60,
    alert: stalled,
  },
  'quota-on-jobs': {
    what: 'A quota leaves no room for a Job',
    remedy: 'Raise the ResourceQuota, or delete Jobs of others; the message names the quota.',
    told: denied,
    withinSeconds: 60,
    alert: stalled,
  },
  'limit-range': {
    what: 'A LimitRange does not allow what the pods ask for',
    remedy: 'Change the LimitRange, or `resources` of `spec.heavy` (`spec.light`).',
    told: podPending,
    withinSeconds: 60,
    alert: stalled,
  },
  'admission-forbids': {
    what: 'An admission policy forbids the Job (403)',
    remedy:
      "Change the policy that the message names, or give worker pods what it wants with the chart's `worker.podLabels` and `podAnnotations`.",
    told: denied,
    withinSeconds: 60,
    alert: stalled,
  },
  'admission-invalid': {
    what: 'An admission policy calls the Job invalid (422)',
    remedy: 'Change the policy that the message names, or the spec that the Job follows from.',
    told: { ...denied, reason: 'ManifestRejected' },
    withinSeconds: 60,
    alert: stalled,
  },
  'engine-secret-missing': {
    what: 'The Secret of the engine is missing',
    remedy: 'Create the Secret that the message names; it is read again by itself.',
    told: { on: 'IndexedRepo', type: 'Stalled', status: 'True', reason: 'SecretNotFound' },
    withinSeconds: 60,
    alert: stalled,
  },
  'engine-away': {
    what: 'The engine does not answer',
    remedy: 'Bring the engine back, or mend `spec.endpoints` and the network between.',
    told: engineTells('EngineUnavailable'),
    withinSeconds: 60,
    alert: notReady,
  },
  'wrong-password': {
    what: 'The engine refuses the password',
    remedy: 'Put the right password into the Secret; it is read again by itself.',
    told: engineTells('AuthenticationFailed'),
    withinSeconds: 60,
    alert: notReady,
  },
  'engine-read-only': {
    what: 'The engine takes no writes',
    remedy: 'Lift the block that the message names.',
    told: engineTells('WritesBlocked'),
    withinSeconds: 60,
    alert: notReady,
  },
  'git-host-away': {
    what: 'The Git host does not answer',
    remedy: 'Bring the Git host back, or mend `spec.source.url`. What is live serves on.',
    told: { on: 'IndexedRepo', type: 'Fresh', status: 'Unknown', reason: 'RemoteUnreachable' },
    withinSeconds: 60,
    alert: 'ReindeerRemoteUnanswered',
  },
  'alias-removed': {
    what: 'Somebody removed the alias by hand',
    remedy: 'Put the alias back, or build anew with `spec.rebuild.revision`. Nothing is fought.',
    told: { on: 'IndexedRepo', type: 'Stalled', status: 'True', reason: 'Drifted' },
    withinSeconds: 90,
    alert: stalled,
  },
  'lock-stuck': {
    what: 'A program outside died and left the alias locked',
    remedy:
      'See with `reindeer lock show ALIAS --watch 60` that its holder is silent, then take the alias away from it: `reindeer lock break ALIAS --reason TEXT`.',
    told: { on: 'IndexedRepo', type: 'Locked', status: 'True', reason: 'LockSilent' },
    withinSeconds: 60,
    alert: 'ReindeerLockSilent',
  },
  'cluster-deleted-in-use': {
    what: 'A SearchCluster is deleted while IndexedRepos name it',
    remedy:
      'Delete those IndexedRepos (with `deletionPolicy: Retain` their aliases serve on), then declare both anew: a deletion cannot be taken back.',
    told: { on: 'SearchCluster', type: 'Stalled', status: 'True', reason: 'InUse' },
    withinSeconds: 60,
    alert: 'ReindeerTrouble',
  },
} as const satisfies Record<string, Situation>;

export type SituationName = keyof typeof situations;
