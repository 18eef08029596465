import { exitCodes } from '../api/exit-codes.ts';
import { isoSeconds } from '../domain/progress.ts';
import type { OperatorRecord } from '../domain/records.ts';
import type { CliContext } from './context.ts';
import { table } from './output.ts';

/** `reindeer operator show`: which operators work on this engine, and which of them are at odds. */
export async function operatorShowVerb({ settings, output }: CliContext): Promise<number> {
  const records = await settings.operatorRecords();
  if (records.length === 0) output.note('no operator has written itself down here');
  else for (const line of operatorLines(records)) output.line(line);
  return exitCodes.done;
}

function operatorLines(records: readonly OperatorRecord[]): readonly string[] {
  const rows = records.map(record => [
    record.operator,
    record.election,
    record.process,
    record.disputed.join(', ') || '-',
    record.kept ? `${record.kept.process}, ${record.kept.at} by ${record.kept.by}` : '-',
  ]);
  return table(['KUBERNETES CLUSTER', 'LEASE', 'OPERATOR', 'AT ODDS', 'CHOSEN'], rows);
}

/**
 * `reindeer operator keep ID`: of several operators that take themselves for the same one, the one that stays. It goes on
 * within a look of its own; the others hold deletions and take-overs back for good, also after a restart.
 */
export async function operatorKeepVerb({ settings, output, clock, user }: CliContext, id: string): Promise<number> {
  const records = await settings.operatorRecords();
  const known = records.find(record => membersOf(record).includes(id));
  if (!known) {
    for (const line of operatorLines(records)) output.line(line);
    return refused(output, `no operator is called ${JSON.stringify(id)} here`);
  }
  const stored = await settings.operatorRecord(known);
  const over = membersOf(stored?.source ?? known).filter(each => each !== id);
  if (over.length === 0) return refused(output, `${id} is the only operator of its name`);
  await settings.ensure();
  const kept = { process: id, over, by: user, at: isoSeconds(clock.now()) };
  const record: OperatorRecord = { ...known, process: id, disputed: [], kept };
  if ((await settings.putOperator(record, stored?.stand)) === 'conflict')
    return refused(output, 'an operator wrote itself down in this moment: try again');
  output.line(`${id} stays: it deletes and takes over again within two looks; every other one of its name holds back`);
  return exitCodes.done;
}

/** Everybody who ever stood there beside another one. */
function membersOf({ process, disputed, kept }: OperatorRecord): readonly string[] {
  return [...new Set([process, ...disputed, ...(kept?.over ?? [])])];
}

function refused(output: CliContext['output'], why: string): number {
  output.note(`${why}; nothing was done`);
  return exitCodes.lockLost;
}
