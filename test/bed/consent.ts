import { distributionTitle } from './distributions.ts';
import type { DistributionName } from './distributions.ts';
import type { ProviderName } from './provider.ts';
import type { BedLevel } from './state.ts';
import { isDebianLike, isRoot, missingByHand, missingPackages } from './tools.ts';

const STARTED = {
  0: '; on loopback',
  1: ', kube-scheduler, containerd, kubelet, kube-proxy; in a network namespace of their own',
} as const;

type BedPlanned = { readonly provider: ProviderName; readonly level: BedLevel; readonly engine: DistributionName };

export type Consent = {
  /** What a bed would install and start on this machine, and, if something is in the way, the ways on. */
  readonly text: string;
  /** Whether to go on without being told to: only where nothing is in the way. */
  readonly isGiven: boolean;
};

/**
 * Whether such a bed may be brought up here without asking. `command` is what the user typed, and `kindLacks` what stands
 * in the way of a bed of kind, for the ways on.
 */
export function consentFor(command: string, bed: BedPlanned, kindLacks: readonly string[]): Consent {
  const plan = bed.provider === 'kind' ? kindPlan(command) : localPlan(command, bed);
  const obstacles = bed.provider === 'kind' ? kindLacks : obstaclesTo(bed);
  if (obstacles.length === 0) return { text: plan.join('\n'), isGiven: true };
  const waysOn = [
    'This machine or user does not allow that:',
    ...obstacles.map(obstacle => `  - ${obstacle}`),
    'Two ways on:',
    '  1. as root on Debian 12 or newer, with Go, Maven and a JDK: processes of this machine',
    '  2. with Docker and kind at hand: a cluster of kind',
    ...(bed.provider === 'kind' ? [] : kindLacks.map(missing => `       - ${missing}`)),
    `${command} -- --yes goes on with whatever can be done here (CI=true means the same).`,
  ];
  return { text: [...plan, ...waysOn].join('\n'), isGiven: false };
}

function localPlan(command: string, { level, engine }: BedPlanned): readonly string[] {
  const packages = missingPackages(level);
  return [
    `${command} starts on this machine: etcd, kube-apiserver, kube-controller-manager, ${distributionTitle(engine)}, a Git server${STARTED[level]}.`,
    packages.length === 0 ? 'It installs nothing.' : `It installs with apt: ${packages.join(' ')}.`,
    'What is built once is kept in the cache: about 15 minutes the first time, under a minute after that.',
  ];
}

function kindPlan(command: string): readonly string[] {
  return [
    `${command} starts in Docker: a cluster of kind with one node, in it Elasticsearch and a Git server as pods.`,
    'It installs nothing; what Docker pulls (about 2 GB the first time) stays with Docker.',
  ];
}

function obstaclesTo({ level, engine }: BedPlanned): readonly string[] {
  const missing = missingByHand(level, engine);
  return level === 1 && isRoot() && !isDebianLike() ? [...missing, 'this is no Debian'] : missing;
}
