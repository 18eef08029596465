import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { EngineLocation } from '../../bed/state.ts';
import type { LoadConfig, LoadReport } from './query-load.ts';

export type RunningLoad = { /** Ends the process and answers what it saw. */ stop(): Promise<LoadReport> };

const program = fileURLToPath(new URL('query-load.ts', import.meta.url));

/** Starts `query-load.ts` as a process of its own: 50 queries a second unless told otherwise, for ten minutes at most. */
export async function startLoad(
  { engine }: { readonly engine: EngineLocation },
  alias: string,
  queries: readonly JsonObject[],
  perSecond = 50,
): Promise<RunningLoad> {
  const { url, username, password, caFile } = engine;
  const folder = mkdtempSync(join(tmpdir(), 'reindeer-load-'));
  const file = join(folder, 'config.json');
  const config: LoadConfig = { url, username, password, caFile, alias, queries, perSecond, maxSeconds: 600 };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const begun = new Promise<void>(resolve => {
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString('utf8');
      resolve();
    });
  });
  const ended = new Promise<number | null>(resolve => child.once('close', resolve));
  await Promise.race([begun, ended]);
  return {
    stop: async () => {
      child.kill('SIGTERM');
      const code = await ended;
      rmSync(folder, { recursive: true, force: true });
      const last = output.trim().split('\n').at(-1) ?? '';
      if (code !== 0 || !last.startsWith('{')) throw new Error(`the load ended with ${code}: ${output}`);
      return JSON.parse(last) as LoadReport;
    },
  };
}
