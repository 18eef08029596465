import type { Reason } from '../../api/reasons.ts';
import type { Problem } from '../../domain/problem.ts';

/** What one check of a preflight found, with the figure that is needed and the one that is there. */
export type Check = { readonly name: string; readonly ok: boolean; readonly message: string };

/** A check that was judged; one that is not ok has the reason that the run ends with. */
export type Finding = { readonly name: string; readonly message: string } & (
  { readonly ok: true } | { readonly ok: false; readonly reason: Reason }
);

export function passed(name: string, message: string): Finding {
  return { name, ok: true, message };
}

export function refused(name: string, { reason, message }: Problem): Finding {
  return { name, ok: false, reason, message };
}
