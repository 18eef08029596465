import { factsOf } from '../api/reasons.ts';

/** What a user of the command line can do about a reason; '' where only the message knows. */
export function advice(reason: string): string {
  return factsOf(reason).atShell ?? '';
}
