import { execFile } from 'node:child_process';

/** A command that could not be run or that ended with another status than 0; the message holds its last output lines. */
export class CommandError extends Error {
  readonly status: number | undefined;

  constructor(message: string, status: number | undefined) {
    super(message);
    this.name = 'CommandError';
    this.status = status;
  }
}

export type CommandOptions = {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
};

/** Runs a program to its end and answers its standard output. */
export async function run(command: readonly string[], options: CommandOptions = {}): Promise<string> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { cwd: options.cwd, env: { ...process.env, ...options.env }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) {
          resolve(stdout);
          return;
        }
        const status = typeof error.code === 'number' ? error.code : undefined;
        const output = lastLines(`${stdout}\n${stderr}`, 25);
        const what = status === undefined ? error.message : `ended with status ${status}`;
        reject(new CommandError(`${command.slice(0, 6).join(' ')} ${what}\n${output}`, status));
      },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

/** As `run`, for clean-up: a failure is answered as undefined, because what is to be undone may not be there. */
export async function attempt(
  command: readonly string[],
  env: CommandOptions['env'] = {},
): Promise<string | undefined> {
  return run(command, { env }).catch(() => undefined);
}

/** The last lines of a text, blank ones left out, each cut at 400 characters. */
export function lastLines(text: string, count: number): string {
  const lines = text.split('\n').filter(line => line.trim() !== '');
  return lines
    .slice(-count)
    .map(line => `    ${line.slice(0, 400)}`)
    .join('\n');
}
