import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { apiVersion } from '../../src/api/meta.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { FakeKube } from '../support/fakes/fake-kube.ts';
import { callForPeople, type Said } from '../support/real/people-program.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';
import { namespace } from '../support/worlds/world-view.ts';

describe('the verbs for people and the operator', () => {
  let world: World;
  let folder: string;
  beforeEach(async () => {
    world = await aWorldAtRest();
    folder = mkdtempSync(join(tmpdir(), 'reindeer-people-'));
  });
  afterEach(async () => {
    await world.stopOperator();
    rmSync(folder, { recursive: true });
  });

  const reindeer = async (...args: readonly string[]): Promise<Said> => {
    const { kube, clock } = world;
    const { signal } = new AbortController();
    const desk = { kube, trial: new FakeKube(), namespace, clock, signal };
    return callForPeople(args, { deskFor: () => desk });
  };
  /** Lets time pass until the command ends. */
  const ending = async (command: Promise<Said>): Promise<Said> => {
    let said: Said | undefined;
    void command.then(end => (said = end));
    await world.until('the command ended', () => said !== undefined);
    return command;
  };
  const requests = async (): Promise<readonly string[]> =>
    (await world.kube.list(reindexRequestResource, namespace)).map(({ metadata }) => metadata.name);

  it('let a run through its gate, and take it back in its bake', async () => {
    await world.aRequest('run', 'kibana', { gates: ['BeforeSwitch'], bake: { for: '1h' } });
    const watching = reindeer('watch', 'rreq/run');
    await world.untilCondition(reindexRequestResource, 'run', 'Paused', 'True', 'AwaitingApproval');
    // What is watched is looked at every other second.
    await world.pass(3);
    expect(await reindeer('approve', 'irepo/kibana')).toMatchObject({ exitCode: 0, err: [] });
    await world.untilCondition(reindexRequestResource, 'run', 'Succeeded', 'Unknown', 'Baking');
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    await world.pass(3);
    const back = 'the alias goes back to kibana-v1';
    expect(await reindeer('abort', 'irepo/kibana')).toMatchObject({ exitCode: 0, err: [back] });
    const { exitCode, out } = await ending(watching);
    expect(exitCode).toBe(82);
    const told = ['waits at gate BeforeSwitch', 'bakes until', 'RolledBack'];
    for (const words of told) expect(out).toContainEqual(expect.stringContaining(words));
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
  });

  it('hold a run and let it go on', async () => {
    await world.aRequest('run', 'kibana');
    expect((await reindeer('pause', 'irepo/kibana')).out).toEqual(['reindexrequest.reindeer.dev/run paused']);
    await world.untilCondition(reindexRequestResource, 'run', 'Paused', 'True', 'PausedBySpec');
    expect((await reindeer('resume', 'run')).exitCode).toBe(0);
    expect(await ending(reindeer('watch', 'run'))).toMatchObject({ exitCode: 0 });
    expect(await world.serves('kibana')).toEqual(['kibana-v2']);
    expect(await ending(reindeer('rollback', 'kibana', '--wait'))).toMatchObject({ exitCode: 0 });
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
  });

  it.each([false, true])('plan without a trace, where the IndexedRepo is paused: %s', async paused => {
    const repo = await world.kube.get(indexedRepoResource, { namespace, name: 'kibana' });
    const spec = { ...(repo?.spec as object), paused };
    const file = join(folder, 'kibana.json');
    writeFileSync(file, JSON.stringify({ apiVersion, kind: 'IndexedRepo', metadata: { name: 'kibana' }, spec }));
    await world.kube.patch(indexedRepoResource, { namespace, name: 'kibana' }, undefined, { spec: { paused } });
    const before = await requests();
    const said = await ending(reindeer('plan', '-f', file));
    expect(said).toMatchObject({ exitCode: 0, err: [] });
    expect(said.out.at(-1)).toMatch(/^Rebuild of kibana could work: kibana serves kibana-v1 and would serve kibana-v2/);
    expect(await requests()).toEqual(before);
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
  });
});
