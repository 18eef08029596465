import { exitCodes } from '../../api/exit-codes.ts';
import { reindexRequestResource as resource } from '../../api/reindex-request.ts';
import { askRollback, type RollbackAsked } from '../../asking/rollback.ts';
import { type Run, runOf } from '../../reading/run.ts';
import type { PeopleContext } from './context.ts';
import { printAnswers } from './print.ts';
import { watchRuns } from './watch.ts';

/** `reindeer rollback REPO` */
export async function rollbackVerb(
  context: PeopleContext,
  name: string,
  asked: RollbackAsked & { readonly wait?: boolean },
): Promise<number> {
  const object = await askRollback(context.desk, name, asked);
  const isWaiting = asked.wait === true && !context.isDryRun;
  // An object that is asked for is printed as it is in the end.
  if (isWaiting && context.format !== undefined) return watchQuietly(context, runOf(object));
  await printAnswers(context, [{ resource, object, did: 'created', isNew: true }]);
  return isWaiting ? watchRuns(context, { is: 'run', run: runOf(object) }) : exitCodes.done;
}

async function watchQuietly(context: PeopleContext, run: Run): Promise<number> {
  let last = run;
  const code = await watchRuns(context, { is: 'run', run }, async runs => {
    last = runs.at(-1) ?? last;
  });
  await printAnswers(context, [{ resource, object: last.object, did: 'created', isNew: true }]);
  return code;
}
