import { expect } from '@jest/globals';
import { indexedRepoResource } from '../../../src/api/indexed-repo.ts';
import { collectionPath } from '../../../src/kube/paths.ts';
import { aTenant } from '../../support/real/a-tenant.ts';
import { declareRepo, type DeclaredRepo } from '../../support/real/a-declared-repo.ts';
import type { ControlStage } from '../../support/real/control-stage.ts';
import { eventually } from '../../support/checks/eventually.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import { forward, httpFaultProxy } from '../../support/real/http-fault-proxy.ts';
import { standAt } from '../../support/real/standing-run.ts';

/** F8: the operator moves to an API server whose watch cache is behind: it shows IndexedRepos as they were. */
export const staleApiServer: FaultRow<ControlStage> = {
  id: 'F8',
  fault: 'API server behind: a spec of before, an object that was deleted and made anew',
  withinMs: 240_000,
  run: async (shared, record) => {
    const stage = await aTenant(shared, record, { namespace: 'f8' });
    const [kept, anew] = await Promise.all([
      declareRepo(stage, 'f8', { retain: { versions: 0 } }),
      declareRepo(stage, 'f8-anew'),
    ]);
    for (const repo of [kept, anew]) await repo.untilLive(repo.commit);
    const observer = await kept.observed(record);
    // It waits for the last reader of the version that its IndexedRepo does not want to keep.
    const run = await standAt('readers', kept, { stage, record }, {});
    await stage.operator().stop();
    await anew.remove();
    const past = await listed(stage);
    await stage.start();
    await anew.untilGone();
    await anew.declareAgain();
    await anew.untilLive(anew.commit);
    await stage.operator().stop();
    await kept.patch({ retain: { versions: 2 } });

    record.attempt();
    const wire = await aWire(stage, past);
    record.atEnd(wire.close);
    await stage.start({ kubePort: wire.port });
    const [version] = await stage.engine.indices.describe('f8-v1');
    await run.goOn();
    await eventually(
      'it would delete a version, and let an object go',
      60_000,
      async () =>
        (wire.asked('GET', 'f8') > 1 && wire.asked('PATCH', 'f8-anew') > 0) ||
        (await stage.engine.indices.describe('f8-v1')).length === 0,
      () => stage.operator().output.slice(-3000),
    );
    record.inject();
    await stage.operator().kill();
    expect(await stage.engine.indices.describe('f8-v1')).toEqual([version]);
    expect((await stage.engine.aliases.members('f8-anew')).map(({ index }) => index)).toEqual(['f8-anew-v2']);

    const startedMs = performance.now();
    await stage.start();
    const ended = await kept.untilEnded(run.request);
    await Promise.all([kept.untilAtRest(), anew.untilAtRest()]);
    record.recovered(performance.now() - startedMs);
    await observer.stop();
    expect(ended.status.phase).toBe('Succeeded');
    await expectVersions(stage, kept, ['f8-v1', 'f8-v2']);
    await expectVersions(stage, anew, ['f8-anew-v2']);
    expect((await anew.read())?.metadata.finalizers).toHaveLength(1);
  },
};

async function listed({ kube, namespace }: ControlStage): Promise<object> {
  const { body } = await kube.transport.call({ method: 'GET', path: collectionPath(indexedRepoResource, namespace) });
  return body as object; // an answer of the API server
}

/** Shows IndexedRepos as they were then, and tells of no change to them; an object that is asked for by its name is the true one. */
async function aWire({ plane, namespace }: ControlStage, past: object) {
  const target = { host: '127.0.0.1', port: plane.port, caFile: plane.caFile };
  const wire = await httpFaultProxy({ target, identity: plane.identity });
  const path = collectionPath(indexedRepoResource, namespace);
  const asked: string[] = [];
  wire.fate = exchange => {
    asked.push(`${exchange.method} ${exchange.path}`);
    if (exchange.path !== path) return forward;
    return exchange.query.has('watch') ? { is: 'swallow' } : { is: 'answer', status: 200, body: past };
  };
  return {
    port: wire.port,
    close: () => wire.close(),
    /** How often something was done to an object of that name. */
    asked: (method: string, name: string) => asked.filter(each => each === `${method} ${path}/${name}`).length,
  };
}

async function expectVersions(
  { engine }: ControlStage,
  { name }: DeclaredRepo,
  wanted: readonly string[],
): Promise<void> {
  const found = await engine.indices.describe(`${name}-v*`);
  expect(found.map(index => index.name)).toEqual([...wanted, `${name}-v99`]);
  expect((await engine.aliases.members(name)).map(({ index }) => index)).toEqual([wanted.at(-1)]);
}
