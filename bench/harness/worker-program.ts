import { spawn } from 'node:child_process';
import { copyFileSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';
import { workerResult, type WorkerResult } from '../../src/jobs/contract.ts';
import { cached, contentKey } from '../../test/bed/cache.ts';
import { run } from '../../test/bed/command.ts';
import { costOf, type Cost } from './cost.ts';

const checkout = join(import.meta.dirname, '..', '..');

/**
 * The path of `main.js` as the image has it: compiled, because a Job does not strip types at its start. Kept per content of
 * `src`, outside of the checkout; types are not checked here.
 */
export async function compiledMain(): Promise<string> {
  const src = join(checkout, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  const texts = files.sort().flatMap(file => [file, readFileSync(join(src, file), 'utf8')]);
  const folder = await cached('bench-worker', contentKey({ texts: [checkout, ...texts] }), async unfinished => {
    const compiler = join(checkout, 'node_modules', 'typescript', 'bin', 'tsc');
    const out = ['--outDir', join(unfinished, 'dist'), '--noCheck'];
    await run([process.execPath, compiler, '-p', join(checkout, 'tsconfig.build.json'), ...out]);
    copyFileSync(join(checkout, 'package.json'), join(unfinished, 'package.json'));
    symlinkSync(join(checkout, 'node_modules'), join(unfinished, 'node_modules'));
  });
  return join(folder, 'dist', 'bin', 'main.js');
}

/** How one Job process went. */
export type WorkerRun = Cost & {
  readonly result: WorkerResult;
  /** The most memory that the process itself held, in MB of a million bytes. */
  readonly peakMegabytes: number;
};

const ended = z.object({ msg: z.literal('run ended'), exitCode: z.number(), ...workerResult.shape });
const peakEveryMs = 10;

/** Runs the worker to its end in a process of its own, from its start to its exit. Throws when it does not end well. */
export async function runWorker(main: string, env: Readonly<Record<string, string>>): Promise<WorkerRun> {
  let output = '';
  let peakMegabytes = 0;
  const cost = await costOf(async () => {
    const child = spawn(process.execPath, [main, 'worker'], {
      env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.on('data', piece => (output += String(piece)));
    const watch = setInterval(() => {
      peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid));
    }, peakEveryMs);
    const [status] = (await once(child, 'close')) as [number | null];
    clearInterval(watch);
    if (status !== 0) throw new Error(`the worker ended with ${status ?? 'a signal'}:\n${output.slice(-2000)}`);
  });
  const lines = output.trim().split('\n');
  const last = ended.parse(JSON.parse(lines.at(-1) ?? ''));
  return { ...cost, peakMegabytes, result: last };
}

/** Peak resident memory of a running process in MB; 0 once it is gone. */
export function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
    return (Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}
