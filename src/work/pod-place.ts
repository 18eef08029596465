import type { OwnerReference } from '../api/object.ts';
import type { WorkerPods } from './worker-pods.ts';

export type PodShape = {
  readonly resources?: { readonly limits?: { readonly memory?: string | number | undefined } | undefined } | undefined;
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
  readonly tolerations?: readonly object[] | undefined;
  readonly priorityClassName?: string | undefined;
};

/** What an object says of its pods, field by field, else what the installation says. */
export function podShape(said: PodShape, given: PodShape): PodShape {
  return {
    resources: said.resources ?? given.resources,
    nodeSelector: said.nodeSelector ?? given.nodeSelector,
    tolerations: said.tolerations ?? given.tolerations,
    priorityClassName: said.priorityClassName ?? given.priorityClassName,
  };
}

/** What the operator gives every Job unless an object says otherwise. */
export type JobDefaults = {
  readonly image: string;
  /** Git hosts that a worker may reach; empty = those at public addresses. */
  readonly allowedGitHosts: readonly string[];
  readonly workers: WorkerPods;
};

/** One value of a Secret in the namespace of whoever names it. */
export type KeyOfSecret = { readonly name: string; readonly key: string };

/** How a worker reaches its engine: Secrets by name, never their content. */
export type EngineAccess = {
  readonly endpoints: readonly string[];
  /** Absent: it asks for no user, or an API key says who it is. */
  readonly user?: { readonly name: string | KeyOfSecret; readonly password: KeyOfSecret } | undefined;
  readonly apiKey?: KeyOfSecret | undefined;
  readonly ca?: KeyOfSecret | undefined;
  readonly settingsIndex: string;
};

/** Where the work of a run is done in Kubernetes: whose Jobs they are, and what their pods are declared to be. */
export type PodPlace = {
  readonly namespace: string;
  readonly owner: OwnerReference;
  /** The IndexedRepo that they work for; undefined = they work for a bare alias. */
  readonly repo: string | undefined;
  readonly imagePullSecrets: readonly string[];
  readonly pod: PodShape;
  /** What the installation gives every Job. */
  readonly workers: WorkerPods;
  readonly engine: EngineAccess;
  readonly gitSecret?: string | undefined;
  readonly allowedGitHosts: readonly string[];
  readonly podRetries: number;
};
