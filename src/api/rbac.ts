import { group } from './meta.ts';

/**
 * The least that the operator needs of Kubernetes. Workers need nothing: they have no API token. The rules
 * of the chart are made from this table.
 */

export const clusterNamespace = 'kube-system';

/** One rule of a Role or ClusterRole, with the reason for each verb in it. */
export type Permission = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** Absent: all. */
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
  readonly why: string;
};

/** In every namespace that is watched: a ClusterRole when that is all of them, else a Role in each. */
export const watchedPermissions: readonly Permission[] = [
  {
    apiGroups: [group],
    resources: ['searchclusters', 'indexedrepos', 'reindexrequests'],
    verbs: ['get', 'list', 'watch'],
    why: 'reads what is wanted',
  },
  {
    apiGroups: [group],
    resources: ['searchclusters/status', 'indexedrepos/status', 'reindexrequests/status'],
    verbs: ['patch'],
    why: 'writes what it found; specs are never written',
  },
  {
    apiGroups: [group],
    resources: ['searchclusters', 'indexedrepos', 'reindexrequests'],
    verbs: ['patch'],
    why: 'sets and clears its finalizer in the metadata while clean-up in the engine is owed, or a SearchCluster is named',
  },
  {
    apiGroups: [group],
    resources: ['reindexrequests'],
    verbs: ['create', 'delete'],
    why: 'makes the runs that an IndexedRepo needs, and removes the oldest finished ones and those past their ttl',
  },
  {
    apiGroups: ['batch'],
    resources: ['jobs'],
    verbs: ['get', 'list', 'watch', 'create', 'delete'],
    why: 'runs workers; a Job is never changed once it exists',
  },
  {
    apiGroups: [''],
    resources: ['pods'],
    verbs: ['get', 'list'],
    why: 'reads the exit code and termination message once, when a Job ended, and why none runs while a Job stands; pods are not watched',
  },
  {
    apiGroups: [''],
    resources: ['secrets'],
    verbs: ['get'],
    why: 'reads by name what an object of the same namespace refers to; Secrets are never listed or watched',
  },
  {
    apiGroups: ['events.k8s.io'],
    resources: ['events'],
    verbs: ['create', 'patch'],
    why: 'tells of each transition once; a repeat is counted on the same Event',
  },
  {
    apiGroups: ['events.k8s.io'],
    resources: ['events'],
    verbs: ['list'],
    why: 'reads what was said of a Job without a pod, or of a pod that does not start, while a Job stands; events are not watched',
  },
];

/**
 * Where all namespaces are watched. A Kubernetes cluster has no id of its own; the uid of this namespace, which lives as long
 * as the cluster does, is taken for one.
 */
export const clusterPermissions: readonly Permission[] = [
  {
    apiGroups: [''],
    resources: ['namespaces'],
    resourceNames: [clusterNamespace],
    verbs: ['get'],
    why: 'reads its uid, by which owners and locks in an engine name their Kubernetes cluster',
  },
];

/** In the namespace of the operator, where only listed namespaces are watched. */
export const ownNamespacePermissions: readonly Permission[] = [
  {
    apiGroups: [''],
    resources: ['namespaces'],
    verbs: ['get'],
    why: 'reads the uid of this one namespace, which stands for the cluster where kube-system may not be read',
  },
];

/** In the namespace of the operator, and where the Lease for the whole cluster is. */
export const leasePermissions: readonly Permission[] = [
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    verbs: ['create'],
    why: 'makes the Lease that elects the one replica that acts; this verb cannot be limited to names',
  },
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    verbs: ['get', 'patch'],
    why: 'takes and renews it; the chart limits this to the names of its Leases',
  },
];
