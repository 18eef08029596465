import { exitCodes } from '../../../src/api/exit-codes.ts';
import { expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { aServedAlias, someFiles } from '../../support/real/a-served-alias.ts';
import { expectGolden } from '../../support/checks/expect-golden.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import type { FaultStage } from '../../support/real/fault-stage.ts';
import type { TestRepository } from '../../support/real/a-repository.ts';
import { untilDone } from '../../support/real/until-done.ts';
import { forward, type Exchange, type Fate, type Reply } from '../../support/real/http-fault-proxy.ts';

type Fault = {
  readonly name: string;
  readonly fate: (exchange: Exchange) => Fate;
  /** Exit codes of the worker contract that say so. */
  readonly codes: readonly number[];
};

const transient = [exitCodes.transient, exitCodes.retry];
const isPack = ({ method, path }: Exchange): boolean => method === 'POST' && path.endsWith('/git-upload-pack');
const onPack =
  (fate: Fate) =>
  (exchange: Exchange): Fate =>
    isPack(exchange) ? fate : forward;
/** How long a run may take, as the operator says it to a Job; a slow loris ends there. */
const deadlineSeconds = 6;

const faults: readonly Fault[] = [
  { name: 'host gone', fate: () => ({ is: 'reset' }), codes: transient },
  { name: '503', fate: () => ({ is: 'answer', status: 503, body: {} }), codes: transient },
  { name: 'pack cut off', fate: onPack({ is: 'lose-reply' }), codes: transient },
  { name: 'pack corrupt', fate: onPack({ is: 'rewrite', reply: corrupted }), codes: transient },
  { name: 'slow loris', fate: onPack({ is: 'swallow' }), codes: transient },
  {
    name: 'no HTTP of Git',
    fate: () => ({ is: 'answer', status: 200, body: { hello: 'world' } }),
    codes: [exitCodes.refGone],
  },
  {
    name: 'asks for a password',
    fate: () => ({ is: 'answer', status: 401, body: {}, headers: { 'www-authenticate': 'Basic realm="git"' } }),
    codes: [exitCodes.denied],
  },
];

/** F24: what a Git host can do to a run; the version that serves is not touched, and the run ends in time with a reason. */
export const gitFaults: FaultRow<FaultStage> = {
  id: 'F24',
  fault: 'Git host gone, 503, cut, corrupt, stuck, 401, rewritten',
  withinMs: 240_000,
  run: async (stage, record) => {
    const served = await aServedAlias(stage, 'f24', someFiles(20, 'served'));
    const commit = await served.repository.commit(someFiles(60, 'new', 'lib'));
    const version = await stage.version('f24');
    const observer = served.observed(record);
    const proxy = await stage.gitProxy();
    const repoUrl = served.repository.url.replace(stage.git.url, proxy.url);
    const job = { version, repoUrl, mode: 'full', engineUrl: stage.node.url } as const;
    const env = { REINDEER_DEADLINE_SECONDS: String(deadlineSeconds) };
    for (const { name, fate, codes } of faults) {
      record.attempt();
      let done = 0;
      proxy.fate = exchange => {
        const chosen = fate(exchange);
        if (chosen.is !== 'forward') done += 1;
        return chosen;
      };
      const startedMs = performance.now();
      const worker = stage.work({ ...job, commit, jobUid: randomUUID(), env });
      const { code } = await worker.ended;
      const seconds = (performance.now() - startedMs) / 1000;
      if (!codes.some(each => each === code))
        throw new Error(`${name}: ended with ${code ?? 'a signal'}: ${worker.output.slice(-1500)}`);
      expect(seconds).toBeLessThan(deadlineSeconds * 3);
      expect(done).toBeGreaterThan(0);
      record.inject();
      record.remark(`${name}: ${code ?? 'none'} in ${seconds.toFixed(1)} s`);
      expect(await version.record()).toMatchObject({ commit: null, writer: { held: false } });
    }
    proxy.fate = () => forward;
    record.attempt();
    const gone = await served.repository.rewrite(someFiles(60, 'rewritten', 'lib'), 'gone');
    await forget(served.repository, 'gone');
    record.inject();
    expect(await stage.work({ ...job, commit: gone, jobUid: randomUUID(), env }).ended).toMatchObject({
      code: exitCodes.refGone,
    });
    const healedMs = performance.now();
    await untilDone(stage, { ...job, commit });
    record.recovered(performance.now() - healedMs);
    await observer.stop();
    await expectGolden(stage, served, { version, commit, repoUrl });
  },
};

/** A branch and everything that only it led to, as a forced push leaves a host that has tidied up. */
async function forget(repository: TestRepository, branch: string): Promise<void> {
  await repository.git('update-ref', '-d', `refs/heads/${branch}`);
  await repository.git('reflog', 'expire', '--expire=now', '--all');
  await repository.git('gc', '--quiet', '--prune=now');
}

/** One bit in the middle of a pack is another one. */
function corrupted(reply: Reply): Reply {
  const body = Buffer.from(reply.body);
  const middle = Math.floor(body.length / 2);
  body[middle] = (body[middle] ?? 0) ^ 0x10;
  return { ...reply, body };
}
