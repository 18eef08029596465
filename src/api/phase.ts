/** Phases of a ReindexRequest: printed for people, never branched on. */
export type Phase =
  | 'Pending'
  | 'Preflight'
  | 'Preparing'
  | 'Building'
  | 'CatchingUp'
  | 'Verifying'
  | 'Warming'
  | 'AwaitingApproval'
  | 'Switching'
  | 'Baking'
  | 'Retiring'
  | 'Succeeded'
  | 'RollingBack'
  | 'RolledBack'
  | 'Aborting'
  | 'Aborted'
  | 'Failed';
