import { cases } from '../conformance/cases.ts';
import { casesNamed, checkConformance, type CaseResult } from '../conformance/check.ts';
import { commandProgram, imageProgram, type Program } from '../conformance/program.ts';
import { contracts } from '../conformance/said.ts';
import type { CliContext } from './context.ts';
import { UsageError } from './usage-error.ts';

export type ConformanceRequest = {
  readonly image?: string | undefined;
  readonly runtime: string;
  readonly command: readonly string[];
  readonly cases: readonly string[];
  readonly contract: string;
};

/**
 * `reindeer conformance`: drives a worker through the worker contract on a real engine, one line per case. Makes indices
 * with a name of its own and removes them. Exit code 0 = every case that could be tried passed, else 1.
 */
export async function conformanceVerb(context: CliContext, request: ConformanceRequest): Promise<number> {
  const { engine, clock, output, address, settingsOn } = context;
  const chosen = casesNamed(request.cases);
  if (chosen === undefined) throw new UsageError(`--case names one of ${cases.map(each => each.name).join(', ')}`);
  const contract = contracts.find(each => each === request.contract);
  if (contract === undefined) throw new UsageError(`--contract is one of ${contracts.join(', ')}`);
  const program = programOf(request);
  const parts = { engine, settingsOn, address, clock, program, contract, elapsedMs: () => clock.elapsedMs() };
  const results = await checkConformance(parts, chosen, result => output.line(lineOf(result)));
  const failed = results.filter(result => result.is === 'failed').length;
  const skipped = results.filter(result => result.is === 'skipped').length;
  const rest = skipped > 0 ? `, ${skipped} skipped` : '';
  output.note(`${results.length - failed - skipped} of ${results.length} cases passed${rest}`);
  return failed === 0 ? 0 : 1;
}

function programOf({ image, runtime, command }: ConformanceRequest): Program {
  if ((image !== undefined) === command.length > 0)
    throw new UsageError('name what is to be tested: --image IMAGE, or -- COMMAND ARGUMENTS...');
  return image === undefined ? commandProgram(command) : imageProgram(runtime, image);
}

/** `ok      sigterm             1.2 s  what it is about, or why it failed`. Pure. */
export function lineOf({ name, is, text, ms }: CaseResult): string {
  return `${is.padEnd(8)}${name.padEnd(20)}${(ms / 1000).toFixed(1).padStart(5)} s  ${text}`;
}
