import { z } from 'zod';
import type { Run } from './run.ts';

/** What a run found out before anything was made, read as leniently as the run itself. */

const figure = z.number().optional().catch(undefined);

const preflight = z.object({
  verdict: z.string().catch(''),
  needBytes: figure,
  freeBytes: figure,
  shards: figure,
  estimatedSeconds: figure,
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), message: z.string().catch('') })).catch([]),
});

export type Preflight = z.output<typeof preflight>;

/** Undefined as long as the run has none, and with an operator that knows of none. */
export function preflightOf({ object }: Run): Preflight | undefined {
  const status = z.object({ preflight }).safeParse(object.status);
  return status.success ? status.data.preflight : undefined;
}
