import { group } from './meta.ts';
import type { Permission } from './rbac.ts';

/** What is added to the cluster's own roles for people; each of them holds the one before it already. */
export const peoplePermissions: Readonly<Record<'view' | 'edit' | 'admin', readonly Permission[]>> = {
  view: [
    {
      apiGroups: [group],
      resources: ['searchclusters', 'indexedrepos', 'reindexrequests'],
      verbs: ['get', 'list', 'watch'],
      why: 'sees what is declared, what is live and what is going on; no object holds a secret',
    },
  ],
  edit: [
    {
      apiGroups: [group],
      resources: ['indexedrepos', 'reindexrequests'],
      verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'],
      why: 'declares what should be searchable and asks for runs, with the Secrets of the same namespace',
    },
  ],
  admin: [
    {
      apiGroups: [group],
      resources: ['searchclusters'],
      verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'],
      why: 'connects an engine: who may do that decides where every alias of the namespace lives',
    },
  ],
};
