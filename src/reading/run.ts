import { z } from 'zod';
import type { KubeObject } from '../api/object.ts';
import { findCondition, hasCondition } from '../domain/conditions.ts';

/**
 * A ReindexRequest as programs for people see it. Read leniently and field by field: the operator may be of an older or a
 * newer release than this program, and what one field says must not hide what the others say.
 */

const text = z.string().optional().catch(undefined);
const named = z.object({ name: z.string() }).optional().catch(undefined);
const words = z.array(z.string()).catch([]);

const spec = z.object({
  target: z.object({ repoRef: named, alias: text }).catch({ repoRef: undefined, alias: undefined }),
  strategy: z.string().catch(''),
  paused: z.boolean().catch(false),
  abort: z.boolean().catch(false),
  dryRun: z.boolean().catch(false),
  gates: words,
  approved: words,
});

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().catch(''),
  message: z.string().catch(''),
});

const progress = z.object({
  done: z.number(),
  total: z.number(),
  perSecond: z.number(),
  summary: z.string(),
  eta: text,
});

const status = z.object({
  phase: z.string().catch('Pending'),
  alias: text,
  from: named,
  to: named,
  queue: z.object({ position: z.number(), behind: z.string() }).optional().catch(undefined),
  progress: progress.optional().catch(undefined),
  gate: text,
  bakeUntil: text,
  switched: text,
  finished: text,
  conditions: z.array(condition).catch([]),
});

const view = z.object({ spec, status: status.catch(() => status.parse({})) });

export type Run = z.output<typeof view> & {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** The object as the API server answered it. */
  readonly object: KubeObject;
};

/** What an object of the kind says; of one that this program cannot read at all, that it is there. */
export function runOf(object: KubeObject): Run {
  const { namespace, name, uid, resourceVersion } = object.metadata;
  const read = view.safeParse(object);
  const said = read.success ? read.data : view.parse({ spec: {} });
  return { ...said, namespace, name, uid, resourceVersion, object };
}

/** How a run ended, for whoever waits for it. */
export type End = {
  readonly is: 'succeeded' | 'failed' | 'aborted' | 'rolledBack';
  readonly reason: string;
  readonly message: string;
};

/** Reasons of runs that somebody else ended: nothing was wrong with them. */
const endedByOthers: readonly string[] = ['Aborted', 'Superseded', 'TargetDeleted'];

/** Undefined as long as the run is not over. */
export function endOf({ status: { conditions } }: Run): End | undefined {
  if (!hasCondition(conditions, 'Finished')) return undefined;
  const { status: outcome = '', reason = '', message = '' } = findCondition(conditions, 'Succeeded') ?? {};
  if (outcome === 'True') return { is: 'succeeded', reason, message };
  if (reason === 'RolledBack') return { is: 'rolledBack', reason, message };
  return { is: endedByOthers.includes(reason) ? 'aborted' : 'failed', reason, message };
}

/** Why the run stands where it stands, or ended as it did: what keeps it comes before what it does. */
export function standingOf({ status: { conditions } }: Run): { readonly reason: string; readonly message: string } {
  const none = { reason: '', message: '' };
  const outcome = findCondition(conditions, 'Succeeded') ?? none;
  if (hasCondition(conditions, 'Finished')) return outcome;
  const kept = ['Paused', 'Stalled'].filter(type => hasCondition(conditions, type));
  return findCondition(conditions, kept[0] ?? 'Succeeded') ?? none;
}

/** The alias that it is about; of one that nothing has looked at yet, what it names. */
export function aliasOf({ spec: { target }, status: { alias } }: Run): string {
  return alias ?? target.alias ?? target.repoRef?.name ?? '';
}
