import { apiVersion } from '../../src/api/meta.ts';
import type { Engine } from '../../src/engine/port.ts';
import { settingsOn } from '../../src/registry/settings.ts';
import type { StepRunner } from '../bed/progress.ts';
import type { BedState } from '../bed/state.ts';
import { startWriters, type WritersReport } from '../support/real/application-writers.ts';
import { engineOf } from '../support/real/bed-engine.ts';
import type { Kubectl } from '../support/real/kubectl.ts';

const alias = 'orders';
const original = 'orders-2024';
const copy = 'orders-v2';
const documents = 20_000;

/** The second half: an application writes into an alias that nobody declared, and its index changes shape meanwhile. */
export async function showCopy(bed: BedState, kubectl: Kubectl, step: StepRunner): Promise<void> {
  const engine = engineOf(bed);
  try {
    await step(`an index of an application: ${original} behind the alias ${alias}, ${documents} documents`, async () =>
      begin(engine, kubectl.namespace),
    );
    await step('changing a field of it by a ReindexRequest while three writers index, update and delete', async () =>
      reshape(bed, kubectl),
    );
    console.log(`\n$ kubectl get reindexrequests\n${await kubectl.run(['get', 'reindexrequests'])}`);
  } finally {
    await engine.close();
  }
}

/** What an earlier demonstration left goes first: nothing of it was declared, so that nothing else takes it away. */
async function begin(engine: Engine, namespace: string): Promise<void> {
  for (const { name } of await engine.indices.describe(`${original},${alias}-v*`)) await engine.indices.delete(name);
  const settings = settingsOn(engine, 'reindeer-settings');
  for (const { number } of await settings.versionRecords(alias)) await settings.deleteVersion(`${alias}-v${number}`);
  const record = await settings.aliasRecord(alias);
  if (record?.source.owner.namespace === namespace) await settings.forgetAlias(alias, record.source.owner.uid);
  await engine.indices.create(original, {
    settings: { 'index.number_of_shards': '2', 'index.number_of_replicas': '0' },
    mappings: { properties: { sku: { type: 'text' }, round: { type: 'long' } } },
    aliases: { [alias]: { is_write_index: true } },
  });
  const lines = Array.from({ length: documents }, (_, at) => [
    { index: { _id: `s${at}` } },
    { sku: `S-${at % 50}`, round: 0 },
  ]);
  const ndjson = Buffer.from(
    lines
      .flat()
      .map(line => `${JSON.stringify(line)}\n`)
      .join(''),
  );
  await engine.documents.bulk(ndjson, { target: alias, requireAlias: true });
}

async function reshape(bed: BedState, kubectl: Kubectl): Promise<void> {
  const writers = await startWriters(bed.engine, alias);
  const name = 'orders-sku-keyword';
  const spec = {
    target: { alias, clusterRef: { name: 'main' } },
    strategy: 'Copy',
    adopt: true,
    copy: { index: { mappings: { properties: { sku: { type: 'keyword' } } } } },
  };
  await kubectl.apply({ apiVersion, kind: 'ReindexRequest', metadata: { name }, spec });
  await kubectl.waitFor('rreq', name, 'Finished', 300);
  console.log(`        ${told(await writers.stop())}`);
  await kubectl.waitFor('rreq', name, 'Succeeded', 5);
}

function told({ acknowledged, refused, longestGapMs }: WritersReport): string {
  const sum = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((total, each) => total + each, 0);
  return `${copy} serves; ${sum(acknowledged)} writes were taken meanwhile, ${sum(refused)} refused while it was blocked, longest pause ${Math.round(longestGapMs)} ms`;
}
