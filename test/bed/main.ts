// `npm run bed -- up | down | status | env`: the real components that the tests and the demonstration run on.
import { parseArgs } from 'node:util';
import { describeBed, exportLines } from './describe.ts';
import { DISTRIBUTIONS, isDistribution } from './distributions.ts';
import { leftovers } from './leftovers.ts';
import { bringUp, brokenText, seeBed, takeDown } from './lifecycle.ts';
import { elapsed } from './progress.ts';
import type { BedOptions, ProviderName } from './provider.ts';
import { RefusedError } from './refused.ts';
import { bedHome, readBedState } from './state.ts';

const engines = Object.entries(DISTRIBUTIONS).map(([name, { type, version }]) => `${name} (${type} ${version})`);

const USAGE = `npm run bed -- up [--level 0|1] [--engine NAME] [--engine-nodes N] [--provider local|kind]
npm run bed -- down      ends everything that it started
npm run bed -- status    what runs, and where
npm run bed -- env       for a shell: eval "$(npm run --silent bed -- env)"

level 0: etcd, kube-apiserver, kube-controller-manager, a search engine, a Git server
level 1: also a node that runs pods (needs root and Debian); this is the default

engines: ${engines.join(', ')}

REINDEER_BED=NAME before any command means another bed beside the usual one: with its own folder, network and cgroups`;

class UsageError extends Error {}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      level: { type: 'string', default: '1' },
      engine: { type: 'string', default: 'elasticsearch' },
      'engine-nodes': { type: 'string', default: '1' },
      provider: { type: 'string', default: 'local' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return say(USAGE);
  const [verb, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`one verb only, not also ${rest.join(' ')}`);
  switch (verb) {
    case 'up':
      return up(providerName(values.provider), optionsOf(values));
    case 'down':
      return down();
    case 'status':
      return status();
    case 'env':
      return env();
    case undefined:
      throw new UsageError('a verb is missing');
    default:
      throw new UsageError(`unknown verb ${verb}`);
  }
}

async function up(provider: ProviderName, options: BedOptions): Promise<number> {
  const begun = performance.now();
  const state = await bringUp(provider, options);
  return say(`\n${describeBed(state)}\n\nup in ${elapsed(begun)}`);
}

async function down(): Promise<number> {
  const begun = performance.now();
  if (leftovers(bedHome()).length === 0) return say('no bed is up');
  await takeDown();
  return say(`the bed is down, after ${elapsed(begun)}`);
}

async function status(): Promise<number> {
  const seen = await seeBed();
  if (seen.is === 'up') return say(describeBed(seen.state));
  const left = leftovers(bedHome());
  if (seen.is === 'broken') say(`${brokenText(seen)}; npm run bed -- up clears it away and makes a new one`);
  else if (left.length === 0) say('no bed is up');
  else say(`no bed is up, but one is starting or was left behind:\n  ${left.join('\n  ')}`);
  return 1;
}

function env(): number {
  const running = readBedState();
  if (running === undefined) throw new RefusedError('no bed is up: npm run bed -- up');
  return say(exportLines(running));
}

type Values = { readonly level: string; readonly engine: string; readonly 'engine-nodes': string };

function optionsOf({ level, engine, 'engine-nodes': engineNodes }: Values): BedOptions {
  if (level !== '0' && level !== '1') throw new UsageError(`--level is 0 or 1, not ${level}`);
  if (!/^[1-9]$/.test(engineNodes)) throw new UsageError(`--engine-nodes is 1 to 9, not ${engineNodes}`);
  if (!isDistribution(engine)) {
    throw new UsageError(`--engine is ${Object.keys(DISTRIBUTIONS).join(' or ')}, not ${engine}`);
  }
  return { level: level === '0' ? 0 : 1, engine, engineNodes: Number(engineNodes) };
}

function providerName(name: string): ProviderName {
  if (name !== 'local' && name !== 'kind') throw new UsageError(`--provider is local or kind, not ${name}`);
  return name;
}

function say(text: string): number {
  console.log(text);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
  const message = error instanceof Error ? error.message : String(error);
  console.error(isUsage === true ? `${message}\n\n${USAGE}` : message);
  process.exitCode = isUsage === true || error instanceof RefusedError ? 2 : 1;
}
