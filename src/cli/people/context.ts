import type { Desk } from '../../reading/desk.ts';
import type { Output } from '../output.ts';
import type { Screen } from './screen.ts';

/** The flags of every verb that speaks with Kubernetes; they mean what they mean to kubectl. */
export type ClusterFlags = {
  readonly namespace?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  /** `server`: the API server checks and answers, and nothing is done. */
  readonly dryRun?: 'none' | 'server';
  readonly output?: Format;
};

export type Format = 'json' | 'yaml' | 'name';

/** What the verbs for people work with. */
export type PeopleContext = {
  readonly desk: Desk;
  readonly output: Output;
  readonly screen: Screen;
  readonly format: Format | undefined;
  readonly isDryRun: boolean;
};

/** Finds the cluster, runs one verb, and ends with its exit code; errors are told there. */
export type Ask = (flags: ClusterFlags, verb: (context: PeopleContext) => Promise<number>) => Promise<void>;
