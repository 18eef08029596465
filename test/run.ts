// `npm test [-- SUITE...] [--engine elasticsearch|opensearch|opensearch2] [--yes]`: brings up what the suites need, runs them, and ends with how many tests passed.
import { parseArgs } from 'node:util';
import { consentFor } from './bed/consent.ts';
import { DISTRIBUTIONS, distributionTitle, isDistribution } from './bed/distributions.ts';
import type { DistributionName } from './bed/distributions.ts';
import { kindAtHand, kindProvider } from './bed/kind.ts';
import { brokenText, seeBed } from './bed/lifecycle.ts';
import type { BedState } from './bed/state.ts';
import { missingByHand } from './bed/tools.ts';
import { neededLevel, planTests } from './plan.ts';
import { runPlan } from './session.ts';
import { SUITES, SUITE_NAMES, testFiles } from './suite.ts';
import type { SuiteName } from './suite.ts';

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { yes: { type: 'boolean', default: false }, engine: { type: 'string', default: 'elasticsearch' } },
  });
  const { engine } = values;
  if (!isDistribution(engine)) {
    return refuse(`--engine is ${Object.keys(DISTRIBUTIONS).join(' or ')}, not ${engine}`);
  }
  const unknown = positionals.filter(name => !Object.hasOwn(SUITES, name));
  if (unknown.length > 0)
    return refuse(`no suite is called ${unknown.join(', ')}; there are ${SUITE_NAMES.join(', ')}`);
  const chosen = SUITE_NAMES.filter(name =>
    positionals.length === 0 ? SUITES[name].isOptIn !== true : positionals.includes(name),
  );
  const empty = chosen.filter(name => testFiles(name).length === 0);
  if (empty.length > 0) return refuse(`there are no tests in ${empty.map(name => `test/${name}`).join(', ')}`);
  const other = engine === 'elasticsearch' ? undefined : chosen.find(name => SUITES[name].onOpenSearch !== true);
  if (other !== undefined) {
    return refuse(
      `the suite ${other} runs on Elasticsearch only; name those that run on ${DISTRIBUTIONS[engine].type}: ${onOpenSearch()}`,
    );
  }
  const running = neededLevel(chosen) === undefined ? undefined : await livingBed();
  const objection = running === undefined ? undefined : unfit(running, chosen, engine);
  if (objection !== undefined) return refuse(objection);
  const kindLacks = await obstaclesToKind(chosen);
  const plan = planTests(chosen, running, { local: at => missingByHand(at, engine), kind: kindLacks });
  const level = neededLevel(chosen);
  if (level !== undefined && running === undefined) {
    const consent = consentFor('npm test', { ...(plan.bringUp ?? { provider: 'local', level }), engine }, kindLacks);
    console.log(consent.text);
    if (!consent.isGiven && !values.yes && process.env['CI'] !== 'true') return 2;
  }
  return runPlan(plan, engine);
}

/** The bed that is up; of one that does not live any more it says so, and what is left of it goes when another comes up. */
async function livingBed(): Promise<BedState | undefined> {
  const seen = await seeBed();
  if (seen.is === 'broken') console.log(`${brokenText(seen)}; what is left of it will be removed`);
  return seen.is === 'up' ? seen.state : undefined;
}

/** Why the bed that is up does not serve the suites that were chosen, with the next step. */
function unfit(running: BedState, chosen: readonly SuiteName[], engine: DistributionName): string | undefined {
  if (running.engine.distribution !== engine) {
    const [up, wanted] = [running.engine.distribution, engine].map(distributionTitle);
    return `a bed with ${up} is up, these tests want ${wanted}: give --engine, or end it with npm run bed -- down`;
  }
  const level = neededLevel(chosen) ?? 0;
  if (running.level < level) {
    return `a bed of level ${running.level} is up, these suites need level ${level}: npm run bed -- down`;
  }
  const other = chosen.find(
    suite => SUITES[suite].provider !== undefined && SUITES[suite].provider !== running.provider,
  );
  if (other === undefined) return undefined;
  return `a bed of ${running.provider} is up, and the suite ${other} wants one of ${SUITES[other].provider ?? ''}: end it with npm run bed -- down, or have another beside it with REINDEER_BED=NAME`;
}

/** A suite of kind gets what can be made here; for the others kind is a way out only where everything is at hand. */
async function obstaclesToKind(chosen: readonly SuiteName[]): Promise<readonly string[]> {
  const isAskedFor = chosen.some(suite => SUITES[suite].provider === 'kind');
  return isAskedFor ? kindProvider.obstacles({ level: 1, engine: 'elasticsearch', engineNodes: 1 }) : kindAtHand();
}

function onOpenSearch(): string {
  return SUITE_NAMES.filter(name => SUITES[name].onOpenSearch === true).join(', ');
}

function refuse(message: string): number {
  console.error(message);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
