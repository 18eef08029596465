import { isBuiltFromGit, type Lease } from '../domain/records.ts';
import { versionName } from '../domain/version.ts';
import type { CliContext } from './context.ts';
import { table } from './output.ts';

/** `reindeer list`: what can be searched. Aliases only; what stands behind them is nobody's business. */
export async function listVerb({ settings, output }: CliContext): Promise<number> {
  const records = [...(await settings.aliasRecords())].sort((a, b) => (a.alias < b.alias ? -1 : 1));
  const rows: string[][] = [];
  for (const { alias, live } of records) {
    const found = live === null ? undefined : (await settings.versionRecord(versionName(alias, live)))?.source;
    // What was copied, or adopted as it was, holds neither files nor chunks.
    const version = found && isBuiltFromGit(found) ? found : undefined;
    const count = (number: number | undefined): string => (found && !version ? '-' : String(number ?? 0));
    const lock = (await settings.lockRecord(alias))?.source.lease;
    rows.push([
      alias,
      version?.commit?.slice(0, 10) ?? '-',
      count(version?.files),
      count(version?.chunks),
      stateOf(live, lock),
      version?.repoUrl ?? '-',
    ]);
  }
  if (rows.length === 0) output.note('No alias yet: `reindeer index PATH` makes one.');
  else for (const row of table(['ALIAS', 'COMMIT', 'FILES', 'CHUNKS', 'STATE', 'REPOSITORY'], rows)) output.line(row);
  return 0;
}

/** An alias without a version is being built for as long as somebody holds it. */
function stateOf(live: number | null, lock: Lease | undefined): string {
  if (live === null) return lock?.held === true ? 'building' : 'unfinished';
  return lock?.held === true ? 'reindexing' : 'live';
}
