import type { Condition, ConditionStatus } from '../api/meta.ts';
import { isTrouble, type Reason } from '../api/reasons.ts';
import { bounded } from './bounded-text.ts';

/** What a condition should say now; the rest follows from what it said before. */
export type ConditionUpdate = {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly reason: Reason;
  readonly message: string;
};

/** The condition of this type, if there is one. */
export function findCondition<C extends { readonly type: string }>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find(condition => condition.type === type);
}

/** Whether the condition of this type is there with this status. */
export function hasCondition(
  conditions: readonly { readonly type: string; readonly status?: string | undefined }[] | undefined,
  type: string,
  status: ConditionStatus = 'True',
): boolean {
  return findCondition(conditions, type)?.status === status;
}

/**
 * The list with this condition set, sorted by type. `lastTransitionTime` moves only when the status flips;
 * messages are one line of at most 1 kB.
 */
export const setCondition = (
  conditions: readonly Condition[],
  update: ConditionUpdate,
  now: Date,
  generation: number,
): readonly Condition[] => {
  const before = findCondition(conditions, update.type);
  const lastTransitionTime =
    before !== undefined && before.status === update.status
      ? before.lastTransitionTime
      : now.toISOString().replace(/\.\d+Z$/, 'Z');
  const message = bounded(update.message);
  const condition: Condition = {
    ...update,
    message: isSaid(before, { ...update, message }) ? before.message : message,
    lastTransitionTime,
    observedGeneration: generation,
  };
  const others = conditions.filter(other => other.type !== update.type);
  return [...others, condition].sort((a, b) => (a.type < b.type ? -1 : 1));
};

/**
 * Where something is in the way a message that differs in numbers only says nothing new: ports and times are others at
 * each try, and each would be a write, which wakes who tries again.
 */
function isSaid(before: Condition | undefined, { status, reason, message }: ConditionUpdate): before is Condition {
  const isSame = before?.status === status && before.reason === reason;
  return isSame && isTrouble(reason) && withoutNumbers(before.message) === withoutNumbers(message);
}

function withoutNumbers(text: string): string {
  return text.replace(/\d+/g, '#');
}
