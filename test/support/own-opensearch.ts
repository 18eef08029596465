import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { component } from '../bed/components.ts';
import { configureOpenSearch } from '../bed/opensearch.ts';
import { loopbackSite } from '../bed/site.ts';
import { eventually } from './eventually.ts';
import { startNode } from './own-engine.ts';

/** 20 s on a quiet machine. */
const startsWithinMs = 240_000;

/** An OpenSearch of a test's own, on loopback, that answers; it ends with the process that made it. */
export async function ownOpenSearch(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const home = mkdtempSync(join(tmpdir(), 'reindeer-engine-'));
  // The engine's own user must get through.
  chmodSync(home, 0o711);
  const site = await loopbackSite(1);
  const [spec] = configureOpenSearch({ home, site }, await component('opensearch'));
  if (spec === undefined) throw new Error('the engine has no node');
  const url = `http://127.0.0.1:${site.ports.engine[0] ?? 0}`;
  const log = join(home, 'log');
  const child = startNode(spec, log);
  const ended = once(child, 'exit');
  const said = (): string => readFileSync(log, 'utf8').slice(-2000);
  await eventually(
    'OpenSearch answers',
    startsWithinMs,
    async () => {
      if (child.exitCode !== null) throw new Error(`OpenSearch ended:\n${said()}`);
      const reply = await fetch(`${url}/_cluster/health`).catch(() => undefined);
      return reply?.status === 200;
    },
    said,
  );
  return {
    url,
    stop: async () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}
