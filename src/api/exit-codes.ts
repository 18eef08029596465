/** Exit codes of a worker and what the operator makes of each (`podFailurePolicy` of the Job). */
export const exitCodes = {
  done: 0,
  retry: 1,
  badConfiguration: 64,
  refGone: 66,
  transient: 75,
  denied: 77,
  fullReindexNeeded: 78,
  verificationFailed: 79,
  lockLost: 80,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What the command line exits with for a run that it waited for, by how that ended; none of them is one of a worker but the first two. */
export const runEndCodes = {
  succeeded: 0,
  failed: 1,
  aborted: 81,
  rolledBack: 82,
} as const;
