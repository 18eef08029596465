import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { apiVersion } from '../../src/api/meta.ts';
import type { Engine } from '../../src/engine/port.ts';
import { missingByHand } from '../bed/tools.ts';
import type { EngineLocation } from '../bed/state.ts';
import { startWriters, type Document, type WritersReport } from '../support/real/application-writers.ts';
import { aCluster, untilCondition, type Cluster } from '../support/real/a-cluster.ts';
import { engineOf } from '../support/real/bed-engine.ts';
import { eventually } from '../support/checks/eventually.ts';
import type { ReportingProcess } from '../support/real/reporting-process.ts';
import { ownEngine, type OwnEngine } from '../support/real/own-engine.ts';
import { tcpProxy, type TcpProxy } from '../support/real/tcp-proxy.ts';

const minutes = 60_000;
const alias = 'orders';
const original = 'orders-2024';

type Request = {
  readonly status?: {
    readonly from?: { readonly name: string };
    readonly to?: { readonly name: string; readonly indices?: readonly string[] };
    readonly verification?: readonly { readonly name: string; readonly result: string; readonly message: string }[];
    readonly blockedMillis?: number;
  };
};

let cluster: Cluster;
beforeAll(async () => {
  // Ownership of an alias that nobody declares stays behind: it goes with the records.
  cluster = await aCluster('copy', { settingsIndex: 'settings-of-copies' });
}, 5 * minutes);
afterAll(async () => cluster.remove(), 3 * minutes);

describe("on the bed's engine", () => {
  copies(async () => ({ clusterRef: 'main', location: cluster.bed.engine }));
});

const [missing] = missingByHand(0, 'opensearch');
if (missing === undefined) {
  describe('on OpenSearch', () => {
    let node: OwnEngine | undefined;
    let relay: TcpProxy | undefined;
    copies(async () => {
      node = await ownEngine('opensearch');
      // Pods do not reach the loopback of this machine.
      const { host = '' } = cluster.bed;
      relay = await tcpProxy({ host: '127.0.0.1', port: node.port }, host);
      const spec = { endpoints: [`http://${host}:${relay.port}`], settingsIndex: 'settings-of-copies' };
      await cluster.kubectl.apply({ apiVersion, kind: 'SearchCluster', metadata: { name: 'open' }, spec });
      await cluster.kubectl.waitFor('scluster', 'open', 'Ready', 60);
      return { clusterRef: 'open', location: node };
    });
    // After what the copies take away from it.
    afterAll(async () => {
      await relay?.close();
      await node?.stop();
    }, minutes);
  });
} else {
  describe.skip(`on OpenSearch (${missing})`, () => it('copies', () => undefined));
}

type Stage = { readonly clusterRef: string; readonly location: EngineLocation };

/** An alias that nobody declared, which applications write into, changes one field by `kubectl apply`. */
function copies(stageOf: () => Promise<Stage>): void {
  let stage: Stage;
  let engine: Engine;
  let writers: ReportingProcess<WritersReport> | undefined;
  let report: WritersReport;
  beforeAll(async () => {
    stage = await stageOf();
    engine = engineOf({ engine: stage.location });
    const properties = { sku: { type: 'text' }, round: { type: 'long' } };
    await engine.indices.create(original, {
      settings: { 'index.number_of_shards': '3', 'index.number_of_replicas': '0' },
      mappings: { dynamic: true, properties },
      aliases: { [alias]: { is_write_index: true }, 'orders-read': {} },
    });
    await fill(engine);
    writers = await startWriters(stage.location, alias);
  }, 5 * minutes);
  afterAll(async () => {
    await writers?.stop().catch(() => undefined);
    for (const index of [original, `${alias}-v2`]) await engine.indices.delete(index);
    await engine.close();
  }, minutes);

  it(
    'ends well while they index, update, delete and make anew',
    async () => {
      const spec = {
        target: { alias, clusterRef: { name: stage.clusterRef } },
        strategy: 'Copy',
        adopt: true,
        copy: { index: { mappings: { properties: { sku: { type: 'keyword' } } } }, blockWritesAtMost: '30s' },
      };
      const name = `orders-sku-${stage.clusterRef}`;
      await cluster.kubectl.apply({ apiVersion, kind: 'ReindexRequest', metadata: { name }, spec });
      await untilCondition(cluster, 'rreq', name, { type: 'Finished', status: 'True' }, 4 * minutes);
      await untilCondition(cluster, 'rreq', name, { type: 'Succeeded', status: 'True' });
      const then = await newestRound();
      await eventually('they write on after the switch', minutes, async () => (await newestRound()) > then);
      report = await writing().stop();
      const { status } = (await cluster.kubectl.get<Request>('rreq', name)) ?? {};
      console.log(
        `${JSON.stringify(report.acknowledged)} acknowledged, ${JSON.stringify(report.refused)} refused, longest gap ` +
          `${Math.round(report.longestGapMs)} ms, blocked for ${status?.blockedMillis} ms: ${JSON.stringify(status?.verification)}`,
      );
      expect(status).toMatchObject({ from: { name: `${alias}-v1` }, to: { name: `${alias}-v2` } });
      expect(status?.verification?.map(({ name: check, result }) => [check, result])).toEqual([
        ['documents', 'Pass'],
        ['digest', 'Pass'],
      ]);
      expect(status?.blockedMillis).toBeGreaterThan(0);
    },
    6 * minutes,
  );

  it('holds what was acknowledged, and nothing else', async () => {
    await engine.indices.refresh(`${alias}-v2`);
    const written = Object.entries(report.documents).filter(([, document]) => document !== null);
    const wanted = new Map([...filled(), ...written] as [string, Document][]);
    expect(await documentsBehind(engine, alias)).toEqual(Object.fromEntries(wanted));
    expect(Object.values(report.documents).filter(document => document === null).length).toBeGreaterThan(0);
    const { index, update, delete: deleted } = report.acknowledged;
    expect(Math.min(index, update, deleted)).toBeGreaterThan(50);
  });

  it('refused writes inside the block only, and says 403 there', () => {
    expect(Object.keys(report.refused)).toEqual(['403 cluster_block_exception']);
  });

  it('moved every alias with its flags, changed the field, and left the original blocked', async () => {
    const [copy] = await engine.indices.describe(`${alias}-v2`);
    const [before] = await engine.indices.describe(original);
    expect(copy?.aliases).toMatchObject({ [alias]: { is_write_index: true }, 'orders-read': {} });
    expect(Object.keys(before?.aliases ?? {})).toEqual([]);
    expect(copy?.mappings['properties']).toMatchObject({ sku: { type: 'keyword' }, round: { type: 'long' } });
    expect(copy?.mappings['dynamic']).toBe('true');
    expect(copy?.settings).toMatchObject({ 'index.number_of_shards': '3', 'index.number_of_replicas': '0' });
    expect(await engine.indices.writeBlocks(original)).not.toEqual([]);
    expect(await engine.indices.writeBlocks(`${alias}-v2`)).toEqual([]);
  });

  function writing(): ReportingProcess<WritersReport> {
    if (!writers) throw new Error('the writers did not begin');
    return writers;
  }

  /** What was written last into the copy, past the alias. */
  async function newestRound(): Promise<number> {
    await engine.indices.refresh(`${alias}-v2`);
    const body = { size: 0, aggs: { newest: { max: { field: 'round' } } } };
    const { aggregations } = await engine.documents.search(`${alias}-v2`, body);
    return (aggregations['newest'] as { value: number | null }).value ?? 0;
  }
}

const documentsBefore = 3000;

/** What stands there before anything is written: `s0`, `s1`, and so on. */
function filled(): readonly (readonly [string, Document])[] {
  return Array.from({ length: documentsBefore }, (_, at) => [`s${at}`, { sku: `S-${at % 50}`, round: 0 }]);
}

async function fill(engine: Engine): Promise<void> {
  const lines = filled().flatMap(([_id, document]) => [{ index: { _id } }, document]);
  const ndjson = Buffer.from(lines.map(line => `${JSON.stringify(line)}\n`).join(''));
  const { items } = await engine.documents.bulk(ndjson, { target: alias, requireAlias: true });
  expect(items.every(({ status }) => status === 201)).toBe(true);
}

async function documentsBehind(engine: Engine, target: string): Promise<Readonly<Record<string, unknown>>> {
  const body = { query: { match_all: {} }, size: 10_000, track_total_hits: true };
  const { hits, total } = await engine.documents.search(target, body);
  expect(hits).toHaveLength(total);
  return Object.fromEntries(hits.map(({ id, source }) => [id, source]));
}
