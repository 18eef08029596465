import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource } from '../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../src/api/reindex-request.ts';
import { TerminalError } from '../../src/domain/errors.ts';
import { aWorldAtRest, type World } from '../support/worlds/a-world.ts';

const note = { mappings: { properties: { note: { type: 'keyword' } } } };

describe('a rebuild that fails', () => {
  let world: World;
  beforeEach(async () => {
    world = await aWorldAtRest();
  });
  afterEach(async () => world.stopOperator());

  const stalled = async (reason?: Parameters<World['untilCondition']>[4]): Promise<void> =>
    world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'True', reason, 90);

  /** Nothing of a failed try is left, and the serving version is as it was. */
  async function expectUntouched(): Promise<void> {
    expect(await world.serves('kibana')).toEqual(['kibana-v1']);
    expect(await world.versions('kibana')).toEqual(['kibana-v1']);
    expect(await world.isLocked('kibana')).toBe(false);
    expect((await world.condition(indexedRepoResource, 'kibana', 'Ready'))?.status).toBe('True');
  }

  it('leaves the serving version alone, is tried again after growing pauses, and then waits for a human', async () => {
    world.worker.fate = ({ mode }) => (mode === 'full' ? 'fail' : 'succeed');
    await world.aRepo('kibana', { index: note });
    await stalled('RetriesExhausted');
    await expectUntouched();
    const tries = (await world.requests()).filter(
      each => each.metadata.annotations?.['reindeer.dev/cause'] === 'SpecChanged',
    );
    expect(tries).toHaveLength(3);
    const created = tries.map(each => Date.parse(each.metadata.creationTimestamp)).toSorted();
    const pauses = created.slice(1).map((at, i) => at - (created[i] ?? 0));
    expect(pauses[0]).toBeGreaterThanOrEqual(30_000);
    expect(pauses[1]).toBeGreaterThanOrEqual(60_000);
    await world.pass(3600, 10);
    expect(await world.requests()).toHaveLength(4);
    expect((await world.condition(indexedRepoResource, 'kibana', 'Stalled'))?.message).toMatch(
      /3 tries failed.*WorkerFailed/,
    );
  });

  it.each([
    ['a changed spec', { index: { mappings: { properties: { remark: { type: 'keyword' } } } } }],
    ['a new revision', { index: note, rebuild: { revision: 'again' } }],
  ])('starts anew with %s', async (_what, spec) => {
    world.worker.fate = ({ mode }) => (mode === 'full' ? 'fail' : 'succeed');
    await world.aRepo('kibana', { index: note });
    await stalled('RetriesExhausted');
    world.worker.fate = () => 'succeed';
    await world.aRepo('kibana', spec);
    await world.until('another version is live', async () => !(await world.serves('kibana')).includes('kibana-v1'));
    await world.untilCondition(indexedRepoResource, 'kibana', 'Stalled', 'False');
    await world.untilCondition(indexedRepoResource, 'kibana', 'Reconciling', 'False', 'Idle');
  });

  it('is tried as often as rebuild.retries says, even if fewer failed requests are kept', async () => {
    world.worker.fate = () => 'fail';
    await world.aRepo('kibana', { index: note, rebuild: { retries: 7 } });
    await stalled('RetriesExhausted');
    expect(world.worker.ran.filter(line => line.endsWith('failed'))).toHaveLength(8);
    expect((await world.requests()).length).toBeLessThanOrEqual(6);
    await expectUntouched();
  });

  it.each([
    ['SettingsRejected', { settings: { 'index.blocks.write': true } }],
    ['MappingRejected', { mappings: { properties: { doc: { type: 'text' } } } }],
  ] as const)('stalls at once with %s: building the same again would be refused again', async (reason, index) => {
    await world.aRepo('kibana', { index });
    await stalled(reason);
    await world.pass(1800, 10);
    expect(await world.requests()).toHaveLength(2);
    expect(world.worker.ran).toHaveLength(1);
    await expectUntouched();
  });

  it('stalls at once when it is the engine that refuses the mappings', async () => {
    const { engine } = world;
    const create: typeof engine.indices.create = async name => {
      throw new TerminalError('MappingRejected', `${name}: No handler for type [nonsense] declared on field [note]`);
    };
    world.engine = { ...engine, indices: { ...engine.indices, create } };
    await world.aRepo('kibana', { index: { mappings: { properties: { note: { type: 'nonsense' } } } } });
    await stalled('MappingRejected');
    await expectUntouched();
    expect((await world.condition(indexedRepoResource, 'kibana', 'Stalled'))?.message).toContain('[nonsense]');
  });

  it('ends as VerificationFailed when the worker says that all went well and proves nothing', async () => {
    world.worker.fate = ({ index }) => (index === 'kibana-v1' ? 'succeed' : 'lie');
    await world.aRepo('kibana', { index: note, rebuild: { retries: 0 } });
    await stalled('RetriesExhausted');
    const failed = (await world.requests()).find(
      each => each.metadata.annotations?.['reindeer.dev/cause'] === 'SpecChanged',
    );
    await world.untilCondition(
      reindexRequestResource,
      failed?.metadata.name ?? '',
      'Succeeded',
      'False',
      'VerificationFailed',
    );
    await expectUntouched();
  });

  it('ends as VerificationFailed when documents are missing from what the worker verified', async () => {
    await world.aRepo('kibana', { index: note, rebuild: { retries: 0 } });
    world.meddle = async (call, carryOut) => {
      const answer = await carryOut();
      // Somebody deletes a document of the candidate right after its Job ended and before it is counted.
      if (call.what === 'indices.putSettings kibana-v2') {
        const line = `${JSON.stringify({ delete: { _id: 'c.README.md' } })}\n`;
        await world.engine.documents.bulk(Buffer.from(line), { target: 'kibana-v2', requireAlias: false });
        await world.engine.indices.refresh('kibana-v2');
      }
      return answer;
    };
    await stalled('RetriesExhausted');
    expect((await world.condition(indexedRepoResource, 'kibana', 'Stalled'))?.message).toContain('VerificationFailed');
    await expectUntouched();
  });

  it.each([
    [79, '', 'VerificationFailed'],
    [77, '', 'AuthenticationFailed'],
    [66, '', 'RefNotFound'],
    [80, '', 'LockLost'],
    [1, 'DiskFull', 'DiskFull'],
    [64, 'NoSuchReason', 'WorkerFailed'],
  ])('says what the worker said: exit code %i with reason "%s" is %s', async (exitCode, said, reason) => {
    world.worker.fate = ({ mode }) => (mode === 'full' ? { exitCode, reason: said } : 'succeed');
    await world.aRepo('kibana', { index: note, rebuild: { retries: 0 } });
    await stalled('RetriesExhausted');
    expect((await world.condition(indexedRepoResource, 'kibana', 'Stalled'))?.message).toContain(reason);
    await expectUntouched();
  });

  it('ends as DeadlineExceeded when it takes longer than its deadline', async () => {
    world.worker.fate = () => 'hang';
    await world.aRequest('slow', 'kibana', { deadline: '10m' });
    await world.untilCondition(reindexRequestResource, 'slow', 'Finished', 'True', 'DeadlineExceeded');
    await expectUntouched();
    expect(await world.jobs()).toHaveLength(1);
  });

  it('is built from the newest commit, also when one came while it was built', async () => {
    world.worker.fate = () => 'hang';
    await world.aRequest('now', 'kibana');
    await world.pass(30);
    world.push('kibana', 'c2');
    world.worker.fate = () => 'succeed';
    await world.untilCondition(reindexRequestResource, 'now', 'Finished', 'True', 'Succeeded');
    expect((await world.request('now')).to?.shortCommit).toBe('c200000000');
    expect(world.worker.ran.slice(1)).toEqual(['full kibana-v2 c1', 'incremental kibana-v2 c2']);
  });
});
