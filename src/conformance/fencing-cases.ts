import { exitCodes } from '../api/exit-codes.ts';
import type { Holder } from '../domain/records.ts';
import { fenceWriters } from '../fences/write-alias.ts';
import type { Case } from './case.ts';
import type { Ended, Running } from './program.ts';
import type { Stage } from './stage.ts';
import { expectExit, expectThat, type Subject } from './subject.ts';

const other: Holder = { kind: 'Heavy', name: 'a newer writer', uid: 'newer', pod: 'newer' };
/** Small bodies, so that a run can be met in its middle. */
const slowly = { REINDEER_BULK_BYTES: '65536', REINDEER_BULK_CONCURRENCY: '1' };
/** Above every token that a run here can draw. */
const highToken = 1_000_000;

/** What a run does when somebody else has taken its place, or asks it to stop. */
export const fencingCases: readonly Case[] = [
  {
    name: 'higher-token',
    about: `documents of a higher token are left alone (409): exit code ${exitCodes.lockLost}`,
    run: async stage => {
      const { first, second } = stage.repository;
      const subject = await stage.newVersion();
      await subject.runWell('full', first);
      await overwrite(subject);
      const ended = await subject.run({ REINDEER_MODE: 'incremental', REINDEER_COMMIT: second.commit });
      expectExit(ended, exitCodes.lockLost);
      await expectCommit(subject, first.commit);
      return undefined;
    },
  },
  {
    name: 'lock-lost',
    about: `its writer lease goes to somebody else: it stops within the lease, exit code ${exitCodes.lockLost}`,
    run: async stage => {
      const { subject, ended } = await metAtWork(stage, takeLease);
      expectExit(ended, exitCodes.lockLost);
      await expectCommit(subject, null);
      const { writer } = await subject.record();
      expectThat(writer.held && writer.holder?.uid === other.uid, 'it released the lease of its successor');
      return undefined;
    },
  },
  {
    name: 'alias-gone',
    about: `its write alias moves to the next epoch: nothing lands after that, exit code ${exitCodes.lockLost}`,
    run: async stage => {
      const { subject, ended, acted } = await metAtWork(stage, fence);
      expectExit(ended, exitCodes.lockLost);
      const late = (await subject.lastOperation()) - acted;
      expectThat(late === 0, `${late} operations landed after the write alias was gone`);
      await expectCommit(subject, null);
      return undefined;
    },
  },
  {
    name: 'sigterm',
    about: `SIGTERM: it finishes what it sent and ends with exit code ${exitCodes.transient}; the next run goes on`,
    run: async stage => {
      const { subject, ended } = await metAtWork(stage, async (_subject, running) => running.terminate());
      expectExit(ended, exitCodes.transient);
      await expectCommit(subject, null);
      const { big } = stage.repository;
      expectExit(await subject.run({ REINDEER_BRANCH: 'big', REINDEER_COMMIT: big.commit }), exitCodes.done);
      await expectCommit(subject, big.commit);
      const files = await subject.count({ term: { doc: 'file' } });
      expectThat(files === big.files.size, `the index holds ${files} files, the commit ${big.files.size}`);
      return undefined;
    },
  },
];

/** It may just have been done when we came: then it is met once more, and only the second time counts against it. */
const tries = 2;

type Met<T> = { readonly subject: Subject; readonly ended: Ended; readonly acted: T };

/** Does something to a run in the middle of its work, and waits until it ended. */
async function metAtWork<T>(
  stage: Stage,
  act: (subject: Subject, running: Running) => Promise<T>,
  left = tries,
): Promise<Met<T>> {
  const { subject, running } = await atWork(stage);
  const acted = await act(subject, running);
  const ended = await running.ended;
  const wasDone = ended.exitCode === exitCodes.done && (await subject.record()).commit !== null;
  return wasDone && left > 1 ? metAtWork(stage, act, left - 1) : { subject, ended, acted };
}

/** A run in the middle of many files. */
async function atWork(stage: Stage): Promise<{ subject: Subject; running: Running }> {
  const { repository } = stage;
  const subject = await stage.newVersion();
  const running = await subject.start({ ...slowly, REINDEER_BRANCH: 'big', REINDEER_COMMIT: repository.big.commit });
  try {
    await subject.untilWriting(running);
  } catch (error) {
    running.terminate();
    throw error;
  }
  return { subject, running };
}

/** Moves the write alias; gives the last operation before it opened again: whatever comes later is too late. */
async function fence(subject: Subject): Promise<number> {
  const { engine, index } = subject;
  const { epoch } = (await subject.record()).writer;
  let mark = -1;
  const unblockWrites: typeof engine.indices.unblockWrites = async name => {
    mark = await subject.lastOperation();
    return engine.indices.unblockWrites(name);
  };
  await fenceWriters({ ...engine, indices: { ...engine.indices, unblockWrites } }, index, epoch + 1);
  return mark;
}

/** As a successor does that saw the lease stand still; a holder that renews in between is tried again. */
async function takeLease({ settings, alias, index }: Subject): Promise<void> {
  for (;;) {
    const found = await settings.versionRecord(index);
    if (found === undefined) throw new Error(`the record of ${index} is gone`);
    const seen = { is: 'held', lease: found.source.writer, seqNo: found.stand.seqNo } as const;
    const of = { of: 'version', alias, index } as const;
    const taken = await settings.takeOver(of, other, seen, { leaseSeconds: 600, tokenFloor: highToken });
    if (taken.is === 'granted') return;
  }
}

/** Writes every document again as it is, with a token that is higher than any. */
async function overwrite(subject: Subject): Promise<void> {
  const lines = (await subject.documents()).flatMap(({ id, source }) => [
    { index: { _id: id, version: highToken, version_type: 'external_gte' } },
    source,
  ]);
  const ndjson = Buffer.from(lines.map(line => `${JSON.stringify(line)}\n`).join(''));
  await subject.engine.documents.bulk(ndjson, { target: subject.index, requireAlias: false });
}

async function expectCommit(subject: Subject, commit: string | null): Promise<void> {
  const record = await subject.record();
  const [found, wanted] = [record.commit ?? 'none', commit ?? 'none'];
  expectThat(found === wanted, `the record says commit ${found}, expected ${wanted}`);
}
