import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type ReportingProcess<Report> = { /** Ends the process and answers what it saw. */ stop(): Promise<Report> };

/**
 * Starts a program of this folder as a process of its own, which reads its configuration from the file that it is given,
 * prints a line when it has begun, and its report as the last line once it is told to end. Answers when it has begun.
 */
export async function startReporting<Report>(program: string, config: object): Promise<ReportingProcess<Report>> {
  const folder = mkdtempSync(join(tmpdir(), 'reindeer-load-'));
  const file = join(folder, 'config.json');
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
      if (code !== 0 || !last.startsWith('{')) throw new Error(`${program} ended with ${code}: ${output.slice(-2000)}`);
      return JSON.parse(last) as Report;
    },
  };
}
