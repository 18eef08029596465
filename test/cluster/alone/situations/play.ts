import { isTrouble } from '../../../../src/api/reasons.ts';
import { situations, type Situation, type SituationName } from '../../../../src/api/situations.ts';
import { condition, type Viewed } from '../../../support/checks/cluster-view.ts';
import { eventually } from '../../../support/checks/eventually.ts';
import { operatorNamespace } from '../../../support/real/installed.ts';
import type { Ground, Stage } from './stage.ts';

/** How a situation comes about and is mended: by what people do, and never by touching a child object. */
export type Acts = {
  make(): Promise<void>;
  repair(): Promise<void>;
  /** From its making until it can be seen at all, such as the lease of a lock. */
  readonly unseenMs?: number;
  /** Nothing serves after it: there is no IndexedRepo left. */
  readonly leavesNothing?: true;
};

export type Prepared = { readonly stage: Stage; readonly acts: Acts; readonly close?: () => Promise<void> };
/** Prepares all that stands before the situation comes about. */
export type Maker = (ground: Ground) => Promise<Prepared>;

/** What came of it, in ms: from the making, and from the repair. */
export type Outcome = { toldMs?: number; untoldMs?: number; servesMs?: number; message?: string };

/** Makes the situation, waits until it is told in every place that the table names, mends it, and waits until it is untold. */
export async function play(name: SituationName, stage: Stage, acts: Acts, outcome: Outcome): Promise<void> {
  const { told, withinSeconds, what }: Situation = situations[name];
  const { view, kubectl } = stage;
  const withinMs = withinSeconds * 1000;
  const object = { kind: told.on, namespace: kubectl.namespace, name: told.on === 'IndexedRepo' ? stage.name : 'main' };
  await acts.make();
  outcome.toldMs = await view.until(`told: ${what}`, object, withinMs + (acts.unseenMs ?? 0), seen => {
    const { status, reason, message } = condition(seen, told.type) ?? {};
    if (status !== told.status || reason !== told.reason) return false;
    outcome.message = message ?? '';
    return true;
  });
  await toldElsewhere(stage, told, object.name);
  await acts.repair();
  outcome.untoldMs = await view.until(`untold: ${what}`, object, withinMs, seen => !saysAnywhere(seen, told.reason));
  if (acts.leavesNothing !== true) outcome.servesMs = await stage.served();
}

/** The event and the metric of the table: they come with the status, or just after it. */
async function toldElsewhere({ kubectl }: Stage, { on, reason }: Situation['told'], name: string): Promise<void> {
  const wanted = { type: isTrouble(reason) ? 'Warning' : 'Normal', reason };
  await eventually(`an event ${reason} of ${on} ${name}`, 10_000, async () => {
    const events = await kubectl.list<Event>('events.events.k8s.io');
    return events.some(
      ({ type, reason: why, regarding }) =>
        type === wanted.type && why === wanted.reason && regarding?.kind === on && regarding.name === name,
    );
  });
  const plural = on === 'IndexedRepo' ? 'indexedrepos' : 'searchclusters';
  const labels = `resource="${plural}",namespace="${kubectl.namespace}",name="${name}",reason="${reason}"`;
  await eventually(`the metric of ${reason} of ${on} ${name}`, 10_000, async () => {
    const page = await kubectl.run([
      'get',
      '--raw',
      `/api/v1/namespaces/${operatorNamespace}/services/reindeer:http/proxy/metrics`,
    ]);
    return page.includes(`reindeer_trouble{${labels}} 1`);
  });
}

type Event = {
  readonly type?: string;
  readonly reason?: string;
  readonly regarding?: { readonly kind?: string; readonly name?: string };
};

function saysAnywhere(object: Viewed | undefined, reason: string): boolean {
  return object?.status?.conditions?.some(each => each.reason === reason) === true;
}
