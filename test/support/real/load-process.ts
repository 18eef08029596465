import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { EngineLocation } from '../../bed/state.ts';
import type { LoadConfig, LoadReport } from './query-load.ts';
import { startReporting, type ReportingProcess } from './reporting-process.ts';

export type RunningLoad = ReportingProcess<LoadReport>;

const program = fileURLToPath(new URL('query-load.ts', import.meta.url));

/** Starts `query-load.ts` as a process of its own: 50 queries a second unless told otherwise, for ten minutes at most. */
export async function startLoad(
  { engine }: { readonly engine: EngineLocation },
  alias: string,
  queries: readonly JsonObject[],
  perSecond = 50,
): Promise<RunningLoad> {
  const { url, username, password, caFile } = engine;
  const config: LoadConfig = { url, username, password, caFile, alias, queries, perSecond, maxSeconds: 600 };
  return startReporting<LoadReport>(program, config);
}
