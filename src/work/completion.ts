import { exitCodes } from '../api/exit-codes.ts';
import { terminalExitCodes } from './contract.ts';

/** Pods of one Job at once, however many partitions it has: each is a reader of the repository and a writer of the engine. */
export const mostPodsAtOnce = 8;

type Division = { readonly partitions: number; readonly podRetries: number };

/**
 * How many pods a Job takes to its end. Several partitions make an Indexed Job: each index has its own tries, and the first
 * one that has none left ends the Job, since a version without a part of its files is of no use.
 */
export function completionOf({ partitions, podRetries }: Division): object {
  if (partitions === 1) return { parallelism: 1, completions: 1, backoffLimit: podRetries };
  return {
    completionMode: 'Indexed',
    completions: partitions,
    parallelism: Math.min(partitions, mostPodsAtOnce),
    backoffLimitPerIndex: podRetries,
    maxFailedIndexes: 0,
  };
}

/** What an exit code says of one partition only; the other terminal ones hold for all of them. */
const partitionExitCodes: readonly number[] = [exitCodes.verificationFailed];

/** What becomes of the Job when a pod of it fails: an eviction counts for nothing, and what cannot get better ends it. */
export function failurePolicyOf({ partitions }: Pick<Division, 'partitions'>): object {
  const ignored = { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] };
  if (partitions === 1) return { rules: [ignored, onExit('FailJob', terminalExitCodes)] };
  const ofJob = terminalExitCodes.filter(code => !partitionExitCodes.includes(code));
  return { rules: [ignored, onExit('FailJob', ofJob), onExit('FailIndex', partitionExitCodes)] };
}

function onExit(action: 'FailJob' | 'FailIndex', codes: readonly number[]): object {
  return { action, onExitCodes: { containerName: 'worker', operator: 'In', values: [...codes] } };
}
