import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource, type ReindexRequest } from '../../src/api/reindex-request.ts';
import { searchClusterResource, type SearchCluster } from '../../src/api/search-cluster.ts';
import { connect } from '../../src/engine/connect.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { attempt } from '../bed/command.ts';
import { secret } from '../bed/secret.ts';
import { declareRepo } from '../support/real/a-declared-repo.ts';
import { aControlStage, team, type ControlStage } from '../support/real/control-stage.ts';
import { rolesFile, rolesOfPage, type EngineRoles } from '../support/real/engine-roles.ts';
import { eventually } from '../support/checks/eventually.ts';
import { aFaultStage, type FaultStage } from '../support/real/fault-stage.ts';

const startsWithinMs = 420_000;
const checkout = join(import.meta.dirname, '..', '..');
const both = ['reindeer_operator', 'reindeer_worker'] as const;
const user = { username: 'reindeer', password: secret() };
const tester = { username: 'tester', password: secret() };

/** Suites of the ports that speak to an engine. */
const suites = ['settings', 'indices', 'documents', 'aliases', 'write-alias', 'leases', 'switch', 'partition-fence'];

describe('the user of the Secret of a SearchCluster', () => {
  let opening: Promise<ControlStage> | undefined;
  let stage: ControlStage;
  beforeAll(async () => {
    opening = aFaultStage().then(async parts => {
      await withUsers(parts);
      return aControlStage({ ...parts, node: { ...parts.node, ...user } });
    });
    stage = await opening;
    await stage.start();
  }, startsWithinMs);
  afterAll(async () => (await opening)?.close(), startsWithinMs);

  it('is enough for operator and worker from the first build to the deletion', async () => {
    const name = 'code-whole';
    const repo = await declareRepo(stage, name);
    await repo.untilLive(repo.commit);
    const pushed = await repo.repository.commit({ 'src/0/f0.ts': null, 'later.md': '# later\n' });
    await stage.kube.patch(indexedRepoResource, { namespace: team, name }, undefined, {
      metadata: { annotations: { 'reindeer.dev/run-now': 'pushed' } },
    });
    await repo.untilLive(pushed);
    await repo.untilAtRest();
    await repo.rebuild('again');
    await repo.untilEnded('again');
    await repo.patch({ rebuild: { partitions: 2, revision: 'in parts' } });
    await eventually('a third version', 120_000, async () => (await repo.read())?.status.live?.name === `${name}-v3`);
    await repo.untilAtRest();
    await stage.kube.create(reindexRequestResource, {
      apiVersion: 'reindeer.dev/v1alpha1',
      kind: 'ReindexRequest',
      metadata: { name: 'back', namespace: team },
      spec: { strategy: 'Rollback', target: { repoRef: { name } } },
    });
    const back = await repo.untilEnded('back');
    expect(succeeded(back)).toBe(true);
    await stage.kube.transport.call({
      method: 'DELETE',
      path: `/apis/reindeer.dev/v1alpha1/namespaces/${team}/indexedrepos/${name}`,
    });
    await eventually('the object is gone', 60_000, async () => (await repo.read()) === undefined);
    expect((await stage.engine.indices.describe(`${name}-v*`)).map(index => index.name)).toEqual([`${name}-v99`]);
    expect(stage.printed() + stage.jobs.output).not.toMatch(/AuthenticationFailed|security_exception/);
  }, 420_000);

  it('is told where its names end: an alias of another prefix is refused, and nothing else suffers', async () => {
    const repo = await declareRepo(stage, 'other-prefix');
    let conditions: readonly object[] = [];
    await eventually(
      'it says so',
      60_000,
      async () => {
        const found = (await repo.read())?.status?.conditions ?? [];
        conditions = found;
        return found.some(
          ({ type, status, reason }) => type === 'Stalled' && status === 'True' && reason === 'AuthenticationFailed',
        );
      },
      () => conditions,
    );
    const cluster = await stage.kube.get<SearchCluster>(searchClusterResource, { namespace: team, name: 'main' });
    expect(cluster?.status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True' });
  }, 120_000);

  it('is enough for the contract suites of the ports', async () => {
    const { url, caFile } = stage.node;
    const jest = join(checkout, 'node_modules', 'jest', 'bin', 'jest.js');
    const files = suites.map(suite => join(checkout, 'test', 'contract', `${suite}.test.ts`));
    const node = [process.execPath, '--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
    const report = join(mkdtempSync(join(tmpdir(), 'reindeer-docs-')), 'report.json');
    const options = ['--json', `--outputFile=${report}`, '--silent', '--runInBand'];
    const which = ['--testNamePattern=on Elasticsearch', '--runTestsByPath', ...files];
    await attempt([...node, jest, ...options, ...which], {
      REINDEER_TEST_ENGINE: JSON.stringify({ url, caFile, ...tester }),
    });
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
    const tests = testResults.flatMap(each => each.assertionResults);
    const named = (status: string): readonly string[] =>
      tests.filter(test => test.status === status).map(test => test.fullName);
    expect(named('failed')).toEqual([]);
    expect(named('passed').length).toBeGreaterThan(50);
  }, 420_000);
});

function succeeded({ status }: ReindexRequest): boolean {
  return status.conditions?.some(({ type, status: is }) => type === 'Succeeded' && is === 'True') === true;
}

async function withUsers({ node }: FaultStage): Promise<void> {
  const roles = rolesOfPage();
  node.putRoles(rolesFile({ ...roles, tester: testerOf(roles) }));
  node.putUser(user.username, user.password, both);
  node.putUser(tester.username, tester.password, ['tester']);
  const tried = connect({
    ...tester,
    endpoints: [node.url],
    caPem: readFileSync(node.caFile, 'utf8'),
    clock: systemClock,
  });
  const isKnown = async (): Promise<boolean> =>
    tried.info().then(
      () => true,
      () => false,
    );
  await eventually('the engine knows users and roles', 60_000, isKnown);
  await tried.close();
}

/** What both roles allow, on the names that the suites give; those of the page are tried privilege by privilege elsewhere. */
function testerOf(roles: EngineRoles): EngineRoles[string] {
  const grants = both.flatMap(role => roles[role]?.indices ?? []);
  const privileges = [...new Set(grants.flatMap(each => each.privileges))];
  return { cluster: ['monitor'], indices: [{ names: ['t-*', 'constructor'], privileges }] };
}

type JestReport = {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
};
