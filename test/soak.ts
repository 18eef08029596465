// `npm run soak [-- CAMPAIGN...] [--seed N]`: the long forms of what `npm test` runs a sample of, one after another.
import { parseArgs } from 'node:util';
import { elapsed } from './bed/progress.ts';
import { readBedState, type BedLevel } from './bed/state.ts';
import { runSuite, type SuiteName } from './suite.ts';

type Campaign = {
  readonly what: string;
  readonly suite: SuiteName;
  readonly files: readonly string[];
  /** With so many seeds, one after another; default 1. */
  readonly seeds?: number;
  /** It runs on a bed of this level, which must be up. */
  readonly onBed?: BedLevel;
};

const campaigns: Readonly<Record<string, Campaign>> = {
  wandering: {
    what: '1,400 random lives of an IndexedRepo',
    suite: 'stories',
    files: ['stories/wandering.test.ts'],
  },
  queue: {
    what: 'a queue of 1,000 requests',
    suite: 'stories',
    files: ['stories/cost-of-waiting.test.ts'],
  },
  killed: {
    what: 'each write of the lives of an alias with each fault',
    suite: 'stories',
    files: ['growing', 'returning', 'expiring', 'leaving', 'pairing', 'trying', 'placing', 'caring'].map(
      life => `stories/killed-${life}.test.ts`,
    ),
  },
  controls: {
    what: 'abort, pause, deletion and a dead operator at each step of each strategy',
    suite: 'stories',
    files: ['stories/control-table.test.ts'],
  },
  commands: {
    what: 'reindeer index and runs of versions of two indices, killed after each of their writes',
    suite: 'contract',
    files: ['contract/killed-command.test.ts', 'contract/paired-versions.test.ts'],
  },
  histories: {
    what: 'generated histories of a repository, each commit indexed in every way',
    suite: 'contract',
    files: ['contract/generated-oracle-fake.test.ts'],
    seeds: 20,
  },
  documents: {
    what: 'histories compared after each commit, one fetched over HTTPS; partitions of every number; workers of every defect',
    suite: 'contract',
    files: ['generated-oracle-engine', 'indexing', 'partitions', 'conformance'].map(file => `contract/${file}.test.ts`),
    onBed: 0,
  },
  kills: {
    what: 'a worker that is killed 20 times in one run',
    suite: 'faults',
    files: ['faults/worker.test.ts'],
    onBed: 0,
  },
  faults: {
    what: 'faults of the operator and of Kubernetes, in each situation',
    suite: 'faults',
    files: ['faults/operator.test.ts'],
    onBed: 0,
  },
  versions: {
    what: 'each version of a real history against its Git tree',
    suite: 'cluster',
    files: ['cluster/oracle.test.ts'],
    onBed: 0,
  },
  switch: {
    what: 'a rebuild, its bake and the way back under 50,000 questions',
    suite: 'cluster',
    files: ['cluster/switch-under-load.test.ts'],
    onBed: 1,
  },
  upgrade: {
    what: 'upgrades from two older releases and the way back, with ten light runs and with runs that wait meanwhile',
    suite: 'cluster',
    files: ['upgrade', 'upgrade-mid-run'].map(file => `cluster/alone/${file}.test.ts`),
    onBed: 1,
  },
  zones: {
    what: 'the build zone of three nodes of either engine, one of which dies',
    suite: 'faults',
    files: ['faults/soak/build-zone.test.ts'],
  },
  life: {
    what: '50 repositories that are pushed to, rebuilt and rolled back while 64 faults strike',
    suite: 'faults',
    files: ['faults/soak/daily-life.test.ts'],
  },
  estimates: {
    what: 'ten builds on both engines against what they said of their end, bytes and seconds',
    suite: 'faults',
    files: ['faults/soak/estimates.test.ts'],
  },
  'ignore-rules': {
    what: 'generated ignore files, judged by Git',
    suite: 'unit',
    files: ['unit/workers/index/tree/ignore-file.test.ts'],
    seeds: 50,
  },
};

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) } },
  });
  const first = Number(values.seed);
  const unknown = positionals.filter(name => !Object.hasOwn(campaigns, name));
  if (unknown.length > 0 || !Number.isInteger(first)) {
    console.error(`there are the campaigns ${Object.keys(campaigns).join(', ')}, and --seed takes a whole number`);
    return 2;
  }
  const chosen = Object.entries(campaigns).filter(([name]) => positionals.length === 0 || positionals.includes(name));
  const lines: string[] = [];
  let failed = 0;
  for (const [name, campaign] of chosen) {
    const begun = performance.now();
    if (campaign.onBed !== undefined && (readBedState()?.level ?? -1) < campaign.onBed) {
      const lack = `no bed of level ${campaign.onBed} is up: npm run bed -- up`;
      lines.push(`${name.padEnd(14)} left out, because ${lack}   ${campaign.what}`);
      continue;
    }
    const counts = await run(campaign, first);
    failed += counts.failed;
    lines.push(
      `${name.padEnd(14)} ${counts.passed} passed, ${counts.failed} failed   ${campaign.what}, ${elapsed(begun)}`,
    );
  }
  console.log(['', `seed ${first}`, ...lines].join('\n'));
  return failed > 0 ? 1 : 0;
}

async function run({ suite, files, seeds = 1 }: Campaign, first: number) {
  const sum = { passed: 0, failed: 0 };
  for (let seed = first; seed < first + seeds; seed += 1) {
    Object.assign(process.env, { REINDEER_WHOLE: '1', REINDEER_SEED: String(seed) });
    const { counts } = await runSuite(suite, files, new AbortController().signal);
    sum.passed += counts.passed;
    sum.failed += counts.failed;
  }
  return sum;
}

process.exitCode = await main(process.argv.slice(2));
