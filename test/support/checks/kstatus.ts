import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { component } from '../../bed/components.ts';

/** What the real kstatus library makes of each object: Current, InProgress, Failed, Terminating, NotFound or Unknown. */
export async function kstatusOf(objects: readonly object[]): Promise<readonly string[]> {
  const program = join(await component('kstatus'), 'kstatus');
  const { status, stdout, stderr } = spawnSync(program, { input: JSON.stringify(objects), encoding: 'utf8' });
  if (status !== 0) throw new Error(`kstatus ended with ${status}: ${stderr}`);
  return stdout.trim().split('\n');
}
