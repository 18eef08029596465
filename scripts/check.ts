// `npm run check`: everything that can be said about a change without starting anything. Offline, under a minute.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

type Part = { readonly name: string; readonly command: readonly string[] };
type Result = { readonly name: string; readonly status: number; readonly seconds: number; readonly output: string };

const checkout = join(import.meta.dirname, '..');
const tool = (path: string): string => join(checkout, 'node_modules', path);
/** What the last run found stays true of files whose content, and for types whose imports, are as they were. */
const kept = (name: string): string => join(checkout, 'node_modules', '.cache', 'check', name);

/** The longest first, so that the others fit beside it. */
const PARTS: readonly Part[] = [
  { name: 'lint', command: [tool('eslint/bin/eslint.js'), '--max-warnings=0', '.'] },
  {
    // Among them: imports point one way (test/unit/arrows.test.ts).
    name: 'unit tests',
    command: [
      '--experimental-vm-modules',
      tool('jest/bin/jest.js'),
      '--testPathPatterns=/test/unit/',
      '--maxWorkers=1',
    ],
  },
  {
    name: 'types',
    command: [tool('typescript/bin/tsc'), '--noEmit', '-p', '.', '--incremental', '--tsBuildInfoFile', kept('types')],
  },
  {
    name: 'format',
    command: [
      tool('prettier/bin/prettier.cjs'),
      '--check',
      '--log-level=warn',
      '--cache',
      '--cache-strategy=content',
      `--cache-location=${kept('format')}`,
      '.',
    ],
  },
  { name: 'generated files', command: [join(checkout, 'src', 'bin', 'generate.ts'), '--check'] },
];

async function run({ name, command }: Part): Promise<Result> {
  const begun = performance.now();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...command], { cwd: checkout });
  let output = '';
  child.stdout.on('data', piece => (output += String(piece)));
  child.stderr.on('data', piece => (output += String(piece)));
  const status = await new Promise<number>(resolve => {
    child.on('error', () => resolve(1));
    child.on('close', code => resolve(code ?? 1));
  });
  return { name, status, seconds: (performance.now() - begun) / 1000, output };
}

function report({ name, status, seconds, output }: Result): void {
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(16)} ${seconds.toFixed(1).padStart(5)} s`);
  if (status !== 0) console.log(output.trimEnd());
}

const begun = performance.now();
const waiting = [...PARTS];
const results: Result[] = [];
const lane = async (): Promise<void> => {
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    const result = await run(part);
    report(result);
    results.push(result);
  }
};
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, lane));
const failed = results.filter(result => result.status !== 0).map(result => result.name);
console.log(
  `${failed.length === 0 ? 'all is well' : `failed: ${failed.join(', ')}`}, ${((performance.now() - begun) / 1000).toFixed(1)} s`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
