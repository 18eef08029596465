import { exitCodes } from '../../api/exit-codes.ts';
import { reindexRequestResource as resource } from '../../api/reindex-request.ts';
import { askRollback, type RollbackAsked } from '../../asking/rollback.ts';
import type { PeopleContext } from './context.ts';
import { printAnswers } from './print.ts';

/** `reindeer rollback REPO` */
export async function rollbackVerb(context: PeopleContext, name: string, asked: RollbackAsked): Promise<number> {
  const object = await askRollback(context.desk, name, asked);
  await printAnswers(context, [{ resource, object, did: 'created', isNew: true }]);
  return exitCodes.done;
}
