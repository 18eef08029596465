// `npm start [-- --once] [-- --engine elasticsearch|opensearch|opensearch2] [-- --yes]`: shows Reindeer at work on this machine, on real components, and leaves it running.
import { parseArgs } from 'node:util';
import { consentFor } from '../bed/consent.ts';
import { DISTRIBUTIONS, distributionTitle, isDistribution } from '../bed/distributions.ts';
import { kindAtHand } from '../bed/kind.ts';
import { bringUp, brokenText, refreshImage, seeBed, takeDown } from '../bed/lifecycle.ts';
import { countedSteps, elapsed, type StepRunner } from '../bed/progress.ts';
import { realHistory, type RealHistory } from '../bed/real-history.ts';
import { RefusedError } from '../bed/refused.ts';
import type { BedState } from '../bed/state.ts';
import { GitRemote } from '../support/real/git-remote.ts';
import { aNamespace, anIndexedRepo, installOperator, removeNamespaces } from '../support/real/installed.ts';
import { eventually } from '../support/checks/eventually.ts';
import type { Kubectl } from '../support/real/kubectl.ts';
import { startLoad } from '../support/real/load-process.ts';
import { showCopy } from './copy.ts';
import { lookAround } from './look-around.ts';
import { search } from './search.ts';

const namespace = 'demo';
const name = 'ramda';
/** Two versions that follow each other, and a word that came with the second. */
const tags = { older: 'v0.30.1', newer: 'v0.31.3' } as const;
const newWord = 'renameKeys';

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      engine: { type: 'string' },
      yes: { type: 'boolean', default: false },
    },
  });
  const engine = values.engine ?? 'elasticsearch';
  if (!isDistribution(engine)) {
    throw new RefusedError(`--engine is ${Object.keys(DISTRIBUTIONS).join(' or ')}, not ${engine}`);
  }

  const begun = performance.now();
  const seen = await seeBed();
  if (seen.is === 'broken') console.log(`${brokenText(seen)}; what is left of it will be removed`);
  const kindLacks = await kindAtHand();
  const provider = kindLacks.length === 0 && engine === 'elasticsearch' ? 'kind' : 'local';
  if (seen.is !== 'up') {
    const consent = consentFor('npm start', { provider, level: 1, engine }, kindLacks);
    console.log(consent.text);
    if (!consent.isGiven && !values.yes && process.env['CI'] !== 'true') return 2;
  }
  const bed = seen.is === 'up' ? seen.state : await bringUp(provider, { level: 1, engine, engineNodes: 1 });
  if (bed.level !== 1)
    throw new RefusedError(`a bed of level ${bed.level} is up, the demonstration needs level 1: npm run bed -- down`);
  if (values.engine !== undefined && bed.engine.distribution !== engine) {
    const [up, wanted] = [bed.engine.distribution, engine].map(distributionTitle);
    throw new RefusedError(`a bed with ${up} is up, ${wanted} is asked for: npm run bed -- down`);
  }
  try {
    await show(bed, countedSteps(11));
    console.log(`\nall of it took ${elapsed(begun)}`);
    if (!values.once) console.log(lookAround(bed, namespace));
    return 0;
  } finally {
    if (values.once) await takeDown();
  }
}

async function show(bed: BedState, step: StepRunner): Promise<void> {
  await step('the image of this checkout, in the node', refreshImage);
  await step('installing the operator with its chart', async () => installOperator(bed));
  await step('taking down what was shown or tested before, if anything', async () => removeNamespaces(bed));
  const history = await realHistory(async (_title, work) => work());
  const older = versionOf(history, tags.older);
  const newer = versionOf(history, tags.newer);
  const remote = await step(
    `publishing a private repository: ${name} ${older.tag}, ${history.commits.length} versions of real history`,
    async () => GitRemote.at(bed, history, name, older.commit),
  );
  const kubectl = await step(`declaring it in namespace ${namespace}`, async () => declare(bed));
  await step('waiting until it is searchable', async () => kubectl.waitFor('irepo', name, 'Ready', 300));
  console.log(`\n$ kubectl get indexedrepos\n${await kubectl.run(['get', 'indexedrepos'])}`);
  await step(
    `pushing ${newer.tag} and waiting until it is searchable (the remote is asked once a minute)`,
    async () => {
      await remote.push(newer.commit);
      await untilLive(kubectl, newer.commit);
    },
  );
  console.log(`\n$ reindeer search ${name} ${newWord}\n${await search(bed, name, newWord)}`);
  console.log(`\n$ kubectl get indexedrepos\n${await kubectl.run(['get', 'indexedrepos'])}`);
  await step('changing the mapping by a ReindexRequest while 50 queries a second run', async () =>
    reshape(bed, kubectl),
  );
  console.log(`\n$ kubectl get reindexrequests\n${await kubectl.run(['get', 'reindexrequests'])}`);
  console.log(`$ kubectl get indexedrepos -o wide\n${await kubectl.run(['get', 'indexedrepos', '-o', 'wide'])}`);
  await showCopy(bed, kubectl, step);
}

function versionOf(history: RealHistory, tag: string): RealHistory['commits'][number] {
  const found = history.commits.find(each => each.tag === tag);
  if (!found) throw new Error(`the history has no version ${tag}`);
  return found;
}

async function declare(bed: BedState): Promise<Kubectl> {
  const kubectl = await aNamespace(bed, namespace);
  // So that the demonstration can be taken down by deleting it: alias and versions go with it.
  await kubectl.apply(anIndexedRepo(bed, name, { deletionPolicy: 'Delete' }));
  return kubectl;
}

type Live = { readonly status?: { readonly live?: { readonly commit?: string; readonly name?: string } } };

async function untilLive(kubectl: Kubectl, commit: string): Promise<void> {
  let live: string | undefined;
  await eventually(
    `commit ${commit} is live`,
    180_000,
    async () => {
      live = (await kubectl.get<Live>('irepo', name))?.status?.live?.commit;
      return live === commit;
    },
    () => live,
  );
}

/** Adds a field to `content`, which takes a whole new version; the alias answers all the while. */
async function reshape(bed: BedState, kubectl: Kubectl): Promise<void> {
  const before = (await kubectl.get<Live>('irepo', name))?.status?.live?.name;
  const load = await startLoad(bed, name, [{ match: { content: newWord } }, { match: { content: 'curry' } }]);
  const mappings = {
    properties: { content: { type: 'text', fields: { whole: { type: 'keyword', ignore_above: 256 } } } },
  };
  await kubectl.patch('irepo', name, { spec: { index: { mappings } } });
  await eventually('another version is live', 300_000, async () => {
    const live = (await kubectl.get<Live>('irepo', name))?.status?.live?.name;
    return live !== undefined && live !== before;
  });
  const report = await load.stop();
  console.log(
    `        ${before ?? ''} was replaced; ${report.answers} queries were answered meanwhile, ${report.failed} failed`,
  );
  if (report.failed > 0) throw new Error(`queries failed during the switch: ${report.errors.join('; ')}`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof RefusedError ? 2 : 1;
}
