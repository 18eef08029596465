import { expect } from '@jest/globals';
import { aServedAlias, someFiles } from '../../support/real/a-served-alias.ts';
import { isVersionBulk } from '../../support/checks/bulk-lines.ts';
import { expectGolden } from '../../support/checks/expect-golden.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import type { FaultStage } from '../../support/real/fault-stage.ts';
import { forward, type Exchange, type Fate } from '../../support/real/http-fault-proxy.ts';
import { leaveUnreleased } from '../../support/real/leave-unreleased.ts';
import { untilDone } from '../../support/real/until-done.ts';

type Moment = {
  readonly name: string;
  readonly isNow: (exchange: Exchange) => boolean;
  /** It comes when the run has lasted for a third of its lease: the bulks have to wait for it. */
  readonly isLate?: boolean;
};

/** A bulk that has others before and after it. */
const middleBulk = 3;

const isVersionRecord = ({ method, path }: Exchange): boolean => method === 'PUT' && path.includes('/_doc/version~');

/** In the middle of these requests of the worker; the switch is the operator's (operator.test.ts). */
const moments: readonly Moment[] = [
  { name: 'bulk', isNow: isVersionBulk },
  { name: 'lease renewal', isNow: isVersionRecord, isLate: true },
  { name: 'write block', isNow: ({ path }) => path.includes('/_block/') },
];

/** F13: the engine is killed in the middle of a write of the worker, and started again with its data. */
export const engineKilled: FaultRow<FaultStage> = {
  id: 'F13',
  fault: 'engine SIGKILL during bulk, lease renewal, block',
  withinMs: 480_000,
  run: async (stage, record) => {
    const served = await aServedAlias(stage, 'f13', someFiles(20, 'served'));
    const commit = await served.repository.commit(someFiles(120, 'killed', 'lib'));
    const observer = served.observed(record);
    const proxy = await stage.proxy();
    // Epoch after epoch in one version: each run but the first has to fence off the one before.
    const version = await stage.version('f13');
    const job = { version, repoUrl: served.repository.url, mode: 'full', engineUrl: proxy.url } as const;
    let target = commit;
    for (const moment of moments) {
      const { name } = moment;
      record.attempt();
      const killing = new KilledOnce(moment, async () => {
        record.inject();
        await stage.node.kill();
        await stage.node.start();
      });
      record.atEnd(() => killing.isOver());
      proxy.fate = async exchange => killing.fate(exchange);
      const startedMs = performance.now();
      const pods = await untilDone(stage, { ...job, commit: target }, () => killing.isBack());
      await killing.isBack();
      record.recovered(performance.now() - startedMs);
      record.remark(`${name}: ${pods} pods`);
      expect(await version.record()).toMatchObject({ commit: target, clean: true });
      target = await served.repository.commit(someFiles(60, name, `lib/${name.replace(' ', '-')}`));
      // A lease that is held by a writer that is gone: with it even the first requests of the next run have something to do.
      await leaveUnreleased(stage, { ...job, commit: target });
    }
    proxy.fate = () => forward;
    await untilDone(stage, { ...job, commit: target });
    await observer.stop();
    await expectGolden(stage, served, { version, commit: target });
  },
};

/** Kills at the first request of that kind that comes late enough to be in the middle of the run. */
class KilledOnce {
  readonly #moment: Moment;
  readonly #strike: () => Promise<void>;
  #striking: Promise<void> | undefined;
  #struck: () => void = () => undefined;
  readonly #hasStruck: Promise<void>;
  #bulks = 0;

  constructor(moment: Moment, strike: () => Promise<void>) {
    this.#moment = moment;
    this.#strike = strike;
    this.#hasStruck = new Promise(resolve => (this.#struck = resolve));
  }

  async fate(exchange: Exchange): Promise<Fate> {
    const { isNow, isLate = false } = this.#moment;
    if (isVersionBulk(exchange)) this.#bulks += 1;
    const isInTheMiddle = isLate || isVersionBulk(exchange) ? this.#bulks >= middleBulk : true;
    if (this.#striking === undefined && isInTheMiddle && isNow(exchange)) {
      // Not awaited: the request is on its way to the engine when the engine dies.
      this.#striking = this.#strike();
      this.#struck();
    } else if (isLate && isVersionBulk(exchange) && isInTheMiddle) {
      await this.#hasStruck;
    }
    return forward;
  }

  /** Resolves when nothing is being started any more. */
  async isOver(): Promise<void> {
    await this.#striking;
  }

  /** Throws when the moment never came. */
  async isBack(): Promise<void> {
    expect(this.#striking).toBeDefined();
    await this.#striking;
  }
}
