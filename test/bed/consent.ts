import type { BedLevel } from './state.ts';
import { isDebianLike, isRoot, missingByHand, missingPackages } from './tools.ts';

const CONTROL_PLANE = 'etcd, kube-apiserver, kube-controller-manager, Elasticsearch, a Git server';
const STARTED = {
  0: `${CONTROL_PLANE}; on loopback`,
  1: `${CONTROL_PLANE}, kube-scheduler, containerd, kubelet, kube-proxy; in a network namespace of their own`,
} as const;

export type Consent = {
  /** What a bed at that level would install and start on this machine, and, if something is in the way, the ways on. */
  readonly text: string;
  /** Whether to go on without being told to: only where nothing is in the way. */
  readonly isGiven: boolean;
};

/** Whether a bed may be brought up here without asking. `command` is what the user typed, for the ways on. */
export function consentFor(command: string, level: BedLevel): Consent {
  const packages = missingPackages(level);
  const obstacles = obstaclesTo(level);
  const plan = [
    `${command} starts on this machine: ${STARTED[level]}.`,
    packages.length === 0 ? 'It installs nothing.' : `It installs with apt: ${packages.join(' ')}.`,
    'What is built once is kept in the cache: about 15 minutes the first time, under a minute after that.',
  ];
  if (obstacles.length === 0) return { text: plan.join('\n'), isGiven: true };
  const waysOn = [
    'This machine or user does not allow that:',
    ...obstacles.map(obstacle => `  - ${obstacle}`),
    'Two ways on:',
    '  1. as root on Debian 12 or newer, with what is named above installed',
    '  2. with Docker and kind: npm run bed -- up --provider kind, then the same command again',
    `${command} -- --yes goes on with whatever can be done here (CI=true means the same).`,
  ];
  return { text: [...plan, ...waysOn].join('\n'), isGiven: false };
}

function obstaclesTo(level: BedLevel): readonly string[] {
  const missing = missingByHand(level);
  return level === 1 && isRoot() && !isDebianLike() ? [...missing, 'this is no Debian'] : missing;
}
