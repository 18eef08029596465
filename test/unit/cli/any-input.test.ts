import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import fc from 'fast-check';
import { createProgram } from '../../../src/cli/program.ts';
import { tellFailure } from '../../../src/cli/tell-failure.ts';
import { exitCodes } from '../../../src/api/exit-codes.ts';
import { aCommandLine } from '../../support/real/a-command-line.ts';
import { FakeKube } from '../../support/fakes/fake-kube.ts';
import { fakeEngine } from '../../support/fakes/fake-engine.ts';

/** One call of the program, without a process: its exit code, and everything that it wrote. */
async function reindeer(args: readonly string[]): Promise<{ readonly exitCode: number; readonly said: string }> {
  const cli = aCommandLine(fakeEngine(), 't');
  let exitCode = 0;
  const { signal, clock, output } = cli;
  const desk = { kube: new FakeKube(), trial: new FakeKube(), namespace: 'shop', signal, clock };
  const program = createProgram(
    async (_, verb) => {
      exitCode = await verb(cli);
    },
    async ({ output: format }, verb) => {
      exitCode = await verb({
        desk,
        output,
        screen: { isLive: false, draw: () => undefined },
        format,
        isDryRun: false,
      });
    },
  );
  quiet(program, text => cli.said.push(text));
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    exitCode = tellFailure(error, { output: cli.output, redact: text => text });
  }
  return { exitCode, said: cli.said.join('\n') };
}

function quiet(command: Command, write: (text: string) => unknown): void {
  command.configureOutput({ writeOut: write, writeErr: write });
  for (const each of command.commands) quiet(each, write);
}

const verbs = [['list'], ['status'], ['search'], ['index'], ['forget'], ['lock', 'show'], ['lock', 'break'], ['lock', 'release-owner'], ['pause'], ['resume'], ['abort'], ['approve'], ['rollback'], ['watch'], ['plan']]; // prettier-ignore
const flags = [
  '--limit',
  '5',
  '--branch',
  '--path',
  '--clean',
  '--reason',
  '--uid',
  '--token',
  '0',
  '--settings-index',
  '--gate',
  '--to-version',
  '-n',
  '-o',
  '--dry-run=server',
];
// Below a folder that is not there: whatever the text is, no repository of this machine is met.
const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const odd = fc.oneof(
  { weight: 4, arbitrary: anyText },
  { weight: 1, arbitrary: anyText.map(text => join(tmpdir(), 'reindeer-nowhere', text)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('a', 'a,b', '*', '-a', '_all', '<a-{now/d}>', 'a'.repeat(300), 'HEAD', '../..'),
  },
  { weight: 1, arbitrary: fc.constantFrom('word '.repeat(3000), 'x'.repeat(120_000), '枝'.repeat(9000), '\ud800') },
  { weight: 2, arbitrary: fc.constantFrom(...flags) },
);
const input = fc
  .tuple(fc.constantFrom(...verbs), fc.array(odd, { maxLength: 6 }))
  .map(([verb, rest]) => [...verb, ...rest]);
const known: readonly number[] = Object.values(exitCodes);

describe('any input to the command line', () => {
  it('ends with an exit code of its own and without a stack', async () => {
    await fc.assert(
      fc.asyncProperty(input, async args => {
        const { exitCode, said } = await reindeer(args);
        expect(known).toContain(exitCode);
        expect(said).not.toMatch(/^ +at .*:\d+/m);
      }),
      { numRuns: 400 },
    );
  });

  it.each<[string, readonly string[], RegExp]>([
    ['several aliases', ['search', 'a,b', 'x'], /^error: "a,b" is not one alias: it may only hold/],
    ['a pattern', ['search', '*', 'x'], /^error: "\*" is not one alias/],
    ['a version', ['status', 'a-v1'], /^error: "a-v1" is not one alias: it ends like the name of a version/],
    ['a folder that is none', ['index', 'r:a', '--path', '../x'], /^error: --path names a folder of the repository/],
  ])('that is %s is refused in one line', async (_, args, said) => {
    const answer = await reindeer(args);
    expect(answer).toEqual({ exitCode: exitCodes.badConfiguration, said: expect.stringMatching(said) });
    expect(answer.said.trim().split('\n')).toHaveLength(1);
  });
});
