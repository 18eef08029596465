// `npm test [-- SUITE...] [--yes]`: brings up what the suites need, runs them, and ends with how many tests passed.
import { parseArgs } from 'node:util';
import { consentFor } from './bed/consent.ts';
import { readBedState } from './bed/state.ts';
import { missingByHand } from './bed/tools.ts';
import { neededLevel, planTests } from './plan.ts';
import { runPlan } from './session.ts';
import { SUITES } from './suite.ts';
import type { SuiteName } from './suite.ts';

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { yes: { type: 'boolean', default: false } },
  });
  const unknown = positionals.filter(name => !(name in SUITES));
  if (unknown.length > 0)
    return refuse(`no suite is called ${unknown.join(', ')}; there are ${allSuites().join(', ')}`);
  const chosen = allSuites().filter(name => positionals.length === 0 || positionals.includes(name));
  const level = neededLevel(chosen);
  const running = readBedState()?.level;
  if (level !== undefined && running !== undefined && running < level) {
    return refuse(`a bed of level ${running} is up, these suites need level ${level}: npm run bed -- down`);
  }
  if (level !== undefined && running === undefined) {
    const consent = consentFor('npm test', level);
    console.log(consent.text);
    if (!consent.isGiven && !values.yes && process.env['CI'] !== 'true') return 2;
  }
  return runPlan(planTests(chosen, running, missingByHand));
}

function allSuites(): readonly SuiteName[] {
  // The keys of a constant object are exactly its type's.
  return Object.keys(SUITES) as SuiteName[];
}

function refuse(message: string): number {
  console.error(message);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
