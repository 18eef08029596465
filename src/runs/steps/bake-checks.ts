import type { IndexHealth } from '../../engine/port.ts';
import { versionName } from '../../domain/version.ts';
import { answerTo } from '../../plan/question.ts';
import { ask, done, fail, wait } from '../../plan/step.ts';
import { bakeEnd, isBaking, passesUnclear, waysOnFromUnclear } from '../control.ts';
import { candidateRecord, candidateSet, ground, isCutShort, versionBefore } from '../facts.ts';
import { askQueries, queriesOf, type Query, type QueryAnswers } from '../golden-queries.ts';
import { lostLock } from '../lost-lock.ts';
import type { Observed } from '../observed.ts';
import { queryCheck, type Check } from '../query-check.ts';
import { engineQuestion, type RunStep, type RunVerdict } from '../step.ts';
import { gateAfterBake } from './gate.ts';

type BakeAnswers = { readonly health: IndexHealth; readonly queries: ReadonlyMap<string, QueryAnswers> };

/** A red version is not asked any more: shards that are away would be told once for each query. */
export const bakeAnswers = engineQuestion(
  'how the version in its bake does',
  async (o, { engine }): Promise<BakeAnswers> => {
    const [candidate, live] = [candidateSet(o), versionBefore(o)];
    const health = await engine.indices.health((candidate?.indices ?? []).map(({ name }) => name));
    const queries = health.status === 'red' ? [] : comparable(o);
    return { health, queries: await askQueries(queries, { candidate, live }, engine.documents) };
  },
);

/** How soon a run that stands still for a failed check looks again; it is asked once a minute. */
const againMs = 10_000;

/**
 * Looks once a minute whether the new version does as well as the one before. What fails is done about as the request says
 * when it fails again: one slow answer moves no traffic.
 */
export const bakeChecks: RunStep = {
  name: 'bake-checks',
  phase: 'Baking',
  look: o => {
    if (!versionBefore(o) || !isBaking(o.request.status) || isPast(o) || isCutShort(o)) return done;
    const isLast = isOver(o);
    if ((o.isCheckDue || isLast) && !answerTo(o, bakeAnswers)) return ask(bakeAnswers);
    const lost = lostLock(o);
    if (lost) return lost;
    const checks = checksOf(o);
    const failed = checks.filter(({ result }) => result === 'Fail');
    if (failed.length > 0) return consequence(o, failed.map(({ message }) => message).join('; '));
    // What was away for the whole bake, or failed for the first time, is asked again before the version before goes.
    const unclear = isLast ? checks.filter(check => check.result === 'Unclear' && !isApproved(o, check)) : [];
    const messages = [...unclear.map(({ message }) => message), waysOnFromUnclear];
    return unclear.length > 0 ? wait('Unclear', messages.join('; '), againMs) : done;
  },
  tell: { field: 'bakeChecks', of: o => (o.request.status.bakeUntil === undefined ? undefined : checksOf(o)) },
};

/** What failed twice and is only reported, for people; '' = nothing. */
export function reportedFailures(o: Observed): string {
  const failed = checksOf(o).filter(({ result }) => result === 'Fail');
  return failed.map(({ message }) => `; ${message}`).join('');
}

/** Its time is over: it is looked at once more, since the operator or the engine may have been away. */
function isOver({ request, now }: Observed): boolean {
  const end = bakeEnd(request, now);
  return end !== undefined && end <= now;
}

/** A later step was come to: nothing of the bake is asked any more. */
function isPast({ request }: Observed): boolean {
  return request.status.steps?.some(({ name }) => name === gateAfterBake) === true;
}

function consequence(o: Observed, message: string): RunVerdict {
  switch (o.request.spec.bake?.onFailure) {
    case 'Report':
      return done;
    case 'Pause':
    case undefined:
      return wait('CheckFailed', message, againMs);
    default:
      return fail('RolledBack', `${message}: ${beforeName(o)} serves again`);
  }
}

/** As of this look, or of the last one at which the engine was asked. */
function checksOf(o: Observed): readonly Check[] {
  const told = o.request.status.bakeChecks ?? [];
  if (!answerTo(o, bakeAnswers)) return told;
  return foundNow(o).map(check =>
    onSecondThought(
      check,
      told.find(({ name }) => name === check.name),
    ),
  );
}

/** What each check came to at this look, however often it came to that; [] = the engine was not asked. */
function foundNow(o: Observed): readonly Check[] {
  const answers = answerTo(o, bakeAnswers);
  if (!answers) return [];
  const queries = answers.health.status === 'red' ? [] : comparable(o);
  return [
    healthCheck(answers.health),
    ...queries.map(query => queryCheck(query, answers.queries.get(query.name) ?? {}, beforeName(o))),
  ];
}

/** A version before that was not brought as far is compared with in nothing: it would be the one that is wrong. */
function comparable(o: Observed): readonly Query[] {
  const isInStep = versionBefore(o)?.record?.commit === candidateRecord(o)?.commit;
  if (isInStep) return queriesOf(o);
  return queriesOf(o).map(({ overlapPercent: _overlap, maxLatencyPercent: _latency, ...query }) => query);
}

/** A person lets pass what the engine does not say, never what failed once and is to be asked again. */
function isApproved(o: Observed, { name }: Check): boolean {
  return passesUnclear(o.request) && foundNow(o).find(each => each.name === name)?.result !== 'Fail';
}

function onSecondThought(check: Check, before: Check | undefined): Check {
  const isFirst = before === undefined || before.result === 'Pass';
  return check.result === 'Fail' && isFirst ? { ...check, result: 'Unclear' } : check;
}

function healthCheck({ status, activeShards, unassignedShards }: IndexHealth): Check {
  const result = status === 'red' ? 'Fail' : 'Pass';
  // Figures that come and go with each replica would be a write each time.
  const message =
    result === 'Pass'
      ? 'every shard is active'
      : `${activeShards} shard copies are active, ${unassignedShards} are not`;
  return { name: 'health', result, message };
}

function beforeName(o: Observed): string {
  return versionName(ground(o).alias, versionBefore(o)?.number ?? 0);
}
