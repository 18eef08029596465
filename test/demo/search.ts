import { fileURLToPath } from 'node:url';
import { run } from '../bed/command.ts';
import { environmentOf } from '../bed/describe.ts';
import type { BedState } from '../bed/state.ts';

const shown = 4;
const cli = fileURLToPath(new URL('../../src/bin/cli.ts', import.meta.url));

/** The best hits that `reindeer search ALIAS QUERY` prints. */
export async function search(bed: BedState, alias: string, query: string): Promise<string> {
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', cli, 'search', alias, query];
  const printed = await run(command, { env: environmentOf(bed) });
  return printed.trim().split('\n').slice(0, shown).join('\n');
}
