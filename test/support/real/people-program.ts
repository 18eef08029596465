import type { Command } from 'commander';
import type { ClusterFlags } from '../../../src/cli/people/context.ts';
import { createScreen } from '../../../src/cli/people/screen.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { tellFailure } from '../../../src/cli/tell-failure.ts';
import type { Desk } from '../../../src/reading/desk.ts';
import { tellable } from '../../../src/reading/refusal.ts';

export type Said = { readonly exitCode: number; readonly out: readonly string[]; readonly err: readonly string[] };

type Parts = {
  /** What stands behind these flags. */
  readonly deskFor: (flags: ClusterFlags) => Desk;
  readonly isTTY?: boolean;
  /** Takes what is drawn on the terminal. */
  readonly draw?: (text: string) => void;
};

/** One call of a verb for people, without a process: its exit code, and what it wrote. */
export async function callForPeople(
  args: readonly string[],
  { deskFor, isTTY = false, draw = () => undefined }: Parts,
): Promise<Said> {
  const [out, err]: [string[], string[]] = [[], []];
  const output = {
    line: (text: string) => void out.push(text),
    note: (text: string) => void err.push(text),
    progress: () => undefined,
  };
  const screen = createScreen({ write: draw, isTTY, columns: 120, rows: 10 });
  let exitCode = 0;
  const program = createProgram(
    async () => {
      throw new Error('a verb for people asked for an engine');
    },
    async (flags, verb) => {
      const desk = deskFor(flags);
      try {
        exitCode = await verb({ desk, output, screen, format: flags.output, isDryRun: flags.dryRun === 'server' });
      } catch (error) {
        throw tellable(error, desk.namespace);
      }
    },
  );
  quiet(program, text => void err.push(text));
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    exitCode = tellFailure(error, { output, redact: text => text });
  }
  return { exitCode, out, err };
}

function quiet(command: Command, write: (text: string) => unknown): void {
  command.configureOutput({ writeOut: write, writeErr: write });
  for (const each of command.commands) quiet(each, write);
}
