import { exitCodes, runEndCodes } from '../../api/exit-codes.ts';
import { reindexRequestResource as resource } from '../../api/reindex-request.ts';
import { oneLine } from '../../domain/bounded-text.ts';
import { isoSeconds } from '../../domain/progress.ts';
import { find, runsOf } from '../../reading/find-runs.ts';
import { type Followed, follow } from '../../reading/follow.ts';
import { type End, endOf, type Run } from '../../reading/run.ts';
import { table } from '../output.ts';
import type { PeopleContext } from './context.ts';
import { printObjects } from './print.ts';
import { newsOf, remarkOn, runHead, runRow } from './run-row.ts';

/** `reindeer watch [NAME]`: what runs do, until they are over; the exit code says how they ended. */
export async function watchVerb(context: PeopleContext, name: string | undefined): Promise<number> {
  return watchRuns(context, await followedBy(context, name));
}

/** An IndexedRepo without a run at work stands for its last one. */
async function followedBy({ desk }: PeopleContext, name: string | undefined): Promise<Followed> {
  if (name === undefined) return { is: 'all' };
  const found = await find(desk, name);
  if (found.is === 'run') return found;
  const runs = await runsOf(desk, found.repo);
  const last = runs.at(-1);
  const isAtWork = runs.some(run => endOf(run) === undefined);
  return isAtWork || last === undefined ? { is: 'all', repo: found.repo } : { is: 'run', run: last };
}

/** Shows what is followed until it is over, and answers the exit code for how that was; of several the worst. */
export async function watchRuns(
  context: PeopleContext,
  followed: Followed,
  teller: Teller = tellerFor(context),
): Promise<number> {
  const { desk, output } = context;
  const ends = new Map<string, End['is']>();
  for await (const look of follow(desk, followed)) {
    if (look.is === 'silent') {
      output.note(`the API server does not answer, it is asked again: ${look.error.message}`);
      continue;
    }
    await teller(look.runs);
    for (const name of look.deleted) {
      output.note(`rreq/${name} was deleted`);
      ends.set(name, 'aborted');
    }
    for (const run of look.runs) {
      const end = endOf(run);
      if (end !== undefined) ends.set(run.name, end.is);
    }
    if (look.runs.length === 0 && ends.size === 0) output.note(`namespace ${desk.namespace}: no run is at work`);
  }
  if (desk.signal.aborted) {
    output.note('no longer watched; the runs themselves go on');
    return exitCodes.transient;
  }
  return codeFor([...ends.values()]);
}

function codeFor(ends: readonly End['is'][]): number {
  const worst = (['failed', 'rolledBack', 'aborted'] as const).find(end => ends.includes(end));
  return runEndCodes[worst ?? 'succeeded'];
}

/** Shows what is new of these runs, which are all that are followed. */
type Teller = (runs: readonly Run[]) => Promise<void>;

/** Where lines can only be appended, progress alone is news this often. */
const plainEveryMs = 30_000;

function tellerFor(context: PeopleContext): Teller {
  const { desk, format, screen } = context;
  if (format !== undefined) return objectTeller(context);
  if (!screen.isLive) return lineTeller(context);
  return async runs => {
    const now = desk.clock.now();
    const rows = runs.map(run => runRow(run, now));
    if (rows.length > 0) screen.draw(table(runHead, rows));
  };
}

/** Each object whenever it has changed. */
function objectTeller(context: PeopleContext): Teller {
  const told = new Map<string, string>();
  return async runs => {
    for (const { uid, resourceVersion, object } of runs) {
      if (told.get(uid) === resourceVersion) continue;
      told.set(uid, resourceVersion);
      if (context.format === 'yaml') context.output.line('---');
      await printObjects(context, context.format ?? 'json', [{ resource, object }]);
    }
  };
}

function lineTeller({ desk: { clock }, output }: PeopleContext): Teller {
  const told = new Map<string, { readonly news: string; readonly progress: string; readonly atMs: number }>();
  return async runs => {
    const [now, nowMs] = [clock.now(), clock.elapsedMs()];
    for (const run of runs) {
      const [news, progress] = [newsOf(run), run.status.progress?.summary ?? ''];
      const before = told.get(run.uid);
      const isDue = before === undefined || nowMs - before.atMs >= plainEveryMs;
      if (before?.news === news && (before.progress === progress || !isDue)) continue;
      told.set(run.uid, { news, progress, atMs: nowMs });
      output.line(lineOf(run, now));
    }
  };
}

function lineOf(run: Run, now: Date): string {
  const { phase, progress } = run.status;
  const isOver = endOf(run) !== undefined;
  const parts = [isoSeconds(now), run.name, phase, isOver ? '' : (progress?.summary ?? ''), remarkOn(run, now)];
  return oneLine(parts.filter(part => part !== '').join(' '));
}
