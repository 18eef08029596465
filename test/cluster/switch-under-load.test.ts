import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import { apiVersion } from '../../src/api/meta.ts';
import { run } from '../bed/command.ts';
import { aCluster, commitOf, untilCondition, untilLive, type Cluster } from '../support/real/a-cluster.ts';
import { eventually } from '../support/checks/eventually.ts';
import { GitRemote } from '../support/real/git-remote.ts';
import { anIndexedRepo } from '../support/real/installed.ts';
import { isWhole } from '../support/objects/sampled.ts';
import { startLoad } from '../support/real/load-process.ts';
import { answerOf, ask } from '../support/real/query-load.ts';

const minutes = 60_000;
const name = 'switched';
const enoughAnswers = isWhole ? 50_000 : 5000;
const perSecond = 100;

/** Files that differ between the two commits, in folders that one page of hits can hold. */
const paths = [
  ...[
    'src/index.js',
    'src/mapKeys.js',
    'src/rebuild.js',
    'src/renameKeys.js',
    'src/type.js',
    'src/range.js',
    'package.json',
  ],
  ...[
    'src/internal/_chain.js',
    'src/internal/_isMap.js',
    'src/internal/_prop.js',
    'es/index.js',
    'es/mapKeys.js',
    'README.md',
  ],
];
const words = ['curry', 'renameKeys', 'transducer', 'isMap', 'deprecated', 'lens', 'reduced'];
const queries: readonly JsonObject[] = [
  ...paths.map(filePath => ({ term: { filePath } })),
  ...words.map(word => ({ bool: { filter: [{ match: { content: word } }, { term: { directoryPath: 'src' } }] } })),
];

describe('a rebuild, its bake and the way back while people search', () => {
  let cluster: Cluster;
  let remote: GitRemote;
  /** What version 1 held of the old commit. */
  let before: Readonly<Record<string, string>>;
  beforeAll(async () => {
    cluster = await aCluster('switch');
    remote = await GitRemote.at(cluster.bed, cluster.history, name, commitOf(cluster, 'v0.30.1'));
    await cluster.kubectl.apply(
      anIndexedRepo(cluster.bed, name, { deletionPolicy: 'Delete', light: { schedule: '@every 24h' } }),
    );
    await untilLive(cluster, name, commitOf(cluster, 'v0.30.1'), 5 * minutes);
    before = await blobs(`${name}-v1`);
  }, 8 * minutes);
  afterAll(async () => cluster.remove(), 3 * minutes);

  it('asks twenty different questions', () => {
    expect(queries).toHaveLength(20);
  });

  it(
    `gives ${enoughAnswers} answers, each the old commit's or the new commit's, and fails none`,
    async () => {
      const first = await answers(`${name}-v1`);
      const load = await startLoad(cluster.bed, name, queries, perSecond);
      const begunMs = performance.now();
      await remote.push(commitOf(cluster, 'v0.31.3'));
      const spec = { target: { repoRef: { name } }, strategy: 'Rebuild', bake: { for: '1h' } };
      await cluster.kubectl.apply({ apiVersion, kind: 'ReindexRequest', metadata: { name: 'tried' }, spec });
      // A light run may bring version 1 to that commit first, while the request waits for its turn.
      await eventually('the switch', 5 * minutes, async () => {
        const request = await cluster.kubectl.get<{ readonly status?: { readonly switched?: string } }>(
          'rreq',
          'tried',
        );
        return request?.status?.switched;
      });
      await untilLive(cluster, name, commitOf(cluster, 'v0.31.3'));
      const switchedMs = performance.now() - begunMs;
      const after = await answers(`${name}-v2`);
      await cluster.kubectl.run(['annotate', 'irepo', name, 'reindeer.dev/run-now=in-the-bake']);
      await eventually('both versions hold the push', 3 * minutes, async () =>
        (await cluster.settings.versionRecords(name)).every(({ commit }) => commit === commitOf(cluster, 'v0.31.3')),
      );
      await cluster.kubectl.patch('rreq', 'tried', { spec: { abort: true } });
      const wanted = { type: 'Finished', status: 'True', reason: 'RolledBack' };
      await untilCondition(cluster, 'rreq', 'tried', wanted);
      await eventually(
        'enough answers',
        20 * minutes,
        () => performance.now() - begunMs > (enoughAnswers / perSecond) * 1000 + 5000,
      );
      const report = await load.stop();
      console.log(
        `${report.answers} answers in ${Math.round(report.seconds)} s, ${report.failed} failed; the switch was seen after ${Math.round(switchedMs / 1000)} s; ` +
          `${queries.filter((_, at) => first[at] !== after[at]).length} of ${queries.length} questions have another answer since`,
      );
      expect(report.errors).toEqual([]);
      expect(report.failed).toBe(0);
      expect(report.answers).toBeGreaterThanOrEqual(enoughAnswers);
      for (const [at, seen] of report.byQuery.entries()) {
        const allowed = new Set([first[at], after[at]]);
        expect(Object.keys(seen).filter(answer => !allowed.has(answer))).toEqual([]);
        expect(Object.keys(seen)).toContain(after[at]);
        expect(Object.keys(seen)).toContain(first[at]);
      }
    },
    12 * minutes,
  );

  it(
    'asked for what the two commits really hold, by the blobs of the Git tree',
    async () => {
      // The old commit was asked for before the run, and the push came to both versions in the bake.
      expect(before).toEqual(await blobsInGit('v0.30.1'));
      expect(await blobs(`${name}-v1`)).toEqual(await blobsInGit('v0.31.3'));
      expect(await blobs(`${name}-v2`)).toEqual(await blobsInGit('v0.31.3'));
    },
    minutes,
  );

  /** The answer to each question by one version, asked past the alias. */
  async function answers(index: string): Promise<readonly string[]> {
    const filtered = queries.map(query => ({ bool: { filter: [query, { term: { doc: 'chunk' } }] } }));
    return Promise.all(filtered.map(async query => answerOf(await ask(cluster.engine, index, query))));
  }

  async function blobs(index: string): Promise<Readonly<Record<string, string>>> {
    const query = { bool: { filter: [{ terms: { filePath: paths } }, { term: { doc: 'chunk' } }] } };
    const reply = await cluster.engine.documents.search(index, {
      query,
      size: 1000,
      _source: ['filePath', 'git_file_hash'],
    });
    return Object.fromEntries(
      reply.hits.map(hit => [String(hit.source['filePath']), String(hit.source['git_file_hash'])]),
    );
  }

  async function blobsInGit(tag: string): Promise<Readonly<Record<string, string>>> {
    const listed = await run(['git', '-C', cluster.history.repository, 'ls-tree', '-r', tag, '--', ...paths]);
    const lines = listed
      .trim()
      .split('\n')
      .map(line => line.split(/\s+/));
    return Object.fromEntries(lines.map(([, , oid = '', path = '']) => [path, oid]));
  }
});
