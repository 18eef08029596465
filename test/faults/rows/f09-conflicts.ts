import { expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { indexedRepoResource } from '../../../src/api/indexed-repo.ts';
import { reindexRequestResource } from '../../../src/api/reindex-request.ts';
import { declareRepo } from '../../support/real/a-declared-repo.ts';
import { operatorUser, team, type ControlStage } from '../../support/real/control-stage.ts';
import { expectOneVersion } from '../../support/checks/expect-one-version.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';

const everyMs = 10;
/** The storm comes in gusts: nobody who writes with a precondition gets through one that never ends. */
const gustMs = 800;
const lullMs = 700;

/** F9: a second writer changes every object and the lock all the time while a rebuild is at work. */
export const conflicts: FaultRow<ControlStage> = {
  id: 'F9',
  fault: 'second writer of status, objects and lock in a loop',
  withinMs: 240_000,
  run: async (stage, record) => {
    const repo = await declareRepo(stage, 'f9');
    await repo.untilLive(repo.commit);
    await repo.untilAtRest();
    const observer = await repo.observed(record);
    const refusedBefore = refused(stage);
    const saidBefore = stage.operator().lines.length;
    record.attempt();
    const storm = new Storm(stage, repo.name, 'f9-run');
    record.atEnd(() => storm.stop());
    await repo.rebuild('f9-run');
    const ended = await repo.untilEnded('f9-run');
    await storm.stop();
    const calmMs = performance.now();
    const { status } = await repo.untilAtRest();
    record.recovered(performance.now() - calmMs);
    await observer.stop();

    const met = refused(stage) - refusedBefore;
    record.inject(met);
    record.remark(`${storm.writes} writes of others, ${met} writes of ours met them`);
    expect(ended.status.phase).toBe('Succeeded');
    expect(status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True' });
    const loud = stage
      .operator()
      .lines.slice(saidBefore)
      .filter(({ level }) => level === 'error' || level === 'fatal');
    expect(loud).toEqual([]);
    await expectOneVersion(stage, repo, { live: 'f9-v2', retired: ['f9-v1'] });
  },
};

/** Writes of the operator that were answered with 409. */
function refused({ plane }: ControlStage): number {
  return plane.auditEvents().filter(({ user, responseStatus, verb }) => {
    return user?.username === operatorUser && responseStatus?.code === 409 && verb === 'patch';
  }).length;
}

/** Annotations of both objects, and the lock record with the content that it has. */
class Storm {
  readonly #stage: ControlStage;
  readonly #name: string;
  readonly #request: string;
  readonly #blowing: Promise<unknown>;
  readonly #startedMs = performance.now();
  #isOver = false;
  writes = 0;

  constructor(stage: ControlStage, name: string, request: string) {
    this.#stage = stage;
    this.#name = name;
    this.#request = request;
    this.#blowing = Promise.all([this.#touchObjects(), this.#touchLock()]);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#blowing;
  }

  async #pause(): Promise<void> {
    const isGust = (performance.now() - this.#startedMs) % (gustMs + lullMs) < gustMs;
    await sleep(isGust ? everyMs : lullMs);
  }

  async #touchObjects(): Promise<void> {
    const { kube } = this.#stage;
    while (!this.#isOver) {
      const annotations = { touched: String(this.writes) };
      for (const [resource, name] of [
        [indexedRepoResource, this.#name],
        [reindexRequestResource, this.#request],
      ] as const)
        await kube.patch(resource, { namespace: team, name }, undefined, { metadata: { annotations } });
      this.writes += 2;
      await this.#pause();
    }
  }

  async #touchLock(): Promise<void> {
    const { engine, settings, settingsIndex } = this.#stage;
    while (!this.#isOver) {
      const found = await settings.lockRecord(this.#name);
      if (found !== undefined) {
        await engine.documents.replace(settingsIndex, found.id, found.source, found.stand);
        this.writes += 1;
      }
      await this.#pause();
    }
  }
}
