import { exitCodes } from '../../api/exit-codes.ts';
import { abort, approve, pause, resume } from '../../asking/control.ts';
import type { PeopleContext } from './context.ts';
import { printAnswers } from './print.ts';

/** `reindeer pause NAME` */
export async function pauseVerb(context: PeopleContext, name: string): Promise<number> {
  await printAnswers(context, await pause(context.desk, name));
  return exitCodes.done;
}

/** `reindeer resume NAME` */
export async function resumeVerb(context: PeopleContext, name: string): Promise<number> {
  await printAnswers(context, await resume(context.desk, name));
  return exitCodes.done;
}

/** `reindeer abort NAME` */
export async function abortVerb(context: PeopleContext, name: string): Promise<number> {
  await printAnswers(context, [await abort(context.desk, name)]);
  return exitCodes.done;
}

/** `reindeer approve NAME` */
export async function approveVerb(context: PeopleContext, name: string, gate?: string): Promise<number> {
  await printAnswers(context, [await approve(context.desk, name, gate)]);
  return exitCodes.done;
}
