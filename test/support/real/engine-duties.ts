import { isDeepStrictEqual } from 'node:util';
import type { EngineHands } from '../../../src/alias/engine-hands.ts';
import type { CliContext } from '../../../src/cli/context.ts';
import { forgetVerb } from '../../../src/cli/forget.ts';
import { indexVerb } from '../../../src/cli/index-verb.ts';
import { listVerb } from '../../../src/cli/list.ts';
import { lockBreakVerb } from '../../../src/cli/lock-break.ts';
import { lockShowVerb } from '../../../src/cli/lock-show.ts';
import { operatorKeepVerb, operatorShowVerb } from '../../../src/cli/operator-verbs.ts';
import { releaseOwnerVerb } from '../../../src/cli/release-owner.ts';
import { searchVerb } from '../../../src/cli/search.ts';
import { statusVerb } from '../../../src/cli/status.ts';
import { blockLive, giveUp, takeGuard } from '../../../src/fences/cut-over.ts';
import { writersName } from '../../../src/fences/guard.ts';
import { fenceWriters } from '../../../src/fences/write-alias.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import type { CopyEnd, CopyPorts, CutOverInput } from '../../../src/workers/copy/input.ts';
import { runCopy } from '../../../src/workers/copy/run-copy.ts';
import { runCutOver } from '../../../src/workers/copy/run-cut-over.ts';
import { aCutOverGround, writeThrough, type CutOverGround } from '../worlds/a-cut-over.ts';
import { aCommandLine } from './a-command-line.ts';
import { aPartitionedRun } from '../worlds/a-partitioned-run.ts';
import { ndjson } from '../objects/an-index.ts';
import { aHolder, anOwner, aVersionRecord } from '../objects/a-record.ts';
import type { TestRepository } from './a-repository.ts';
import { aVersion } from './an-indexed-version.ts';

/** Where the duties of one user are tried: on one alias, beside an administrator who prepares and looks. */
export type Desk = {
  readonly user: EngineHands;
  readonly admin: EngineHands;
  readonly alias: string;
  readonly repository: TestRepository;
};

/** Something that a user must be able to do, by the code that does it. They are done in their order. */
export type Duty = readonly [what: string, act: () => Promise<unknown>];

/** As the page of the roles names it. */
export const settingsIndex = 'reindeer-settings';
/** What `aVersion` and `aCommandLine` make that name of. */
const prefix = 'reindeer';

/** A worker's own: its run, whole and in parts, and shutting out the writer before it. */
export function dutiesOfWorker({ user, admin, alias, repository }: Desk): readonly Duty[] {
  const ports = { engine: user.engine, settings: user.settings };
  const run = async (mode: 'full' | 'incremental', files: Readonly<Record<string, string | null>>): Promise<void> => {
    const version = await theVersion();
    const end = await version.run(repository.path, await repository.commit(files), { input: { mode }, ports });
    if (end.exitCode !== 0) throw new Error(`exit code ${end.exitCode}: ${end.result.errors.join(', ')}`);
  };
  let made: ReturnType<typeof aVersion> | undefined;
  const theVersion = (): ReturnType<typeof aVersion> => (made ??= aVersion(admin.engine, prefix, alias));
  return [
    ['fills a version', () => run('full', { 'a.ts': 'const a = 1;\n', 'b.md': '# b\n' })],
    ['follows a commit', () => run('incremental', { 'a.ts': null, 'c.txt': 'c\n' })],
    [
      'shuts out the writer before it',
      async () => {
        const { index, settings } = await theVersion();
        const of = { of: 'version', alias, index } as const;
        const options = { leaseSeconds: 60, tokenFloor: 0 };
        await settings.acquire(of, aHolder({ uid: 'gone' }), options);
        const seen = await user.settings.acquire(of, aHolder({ uid: 'next' }), options);
        if (seen.is !== 'held') throw new Error('the lease of a holder that is there was granted');
        const taken = await user.settings.takeOver(of, aHolder({ uid: 'next' }), seen, options);
        await fenceWriters(user.engine, index, taken.lease.epoch);
        await user.settings.release(of, aHolder({ uid: 'next' }), taken.lease.token);
      },
    ],
    [
      'fills its part of a version',
      async () => {
        const version = await aVersion(admin.engine, prefix, alias);
        const commit = await repository.commit({ 'd.txt': 'd\n', 'e.txt': 'e\n' });
        const parts = aPartitionedRun(version, { repository: repository.path, commit }, 2);
        for (const partition of [0, 1]) {
          const { exitCode, result } = await parts.pod(partition, { ports });
          if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${result.errors.join(', ')}`);
        }
      },
    ],
  ];
}

/** A copy's own: it fills a version from an index that is written into, and takes its aliases over; and gives that up. */
export function dutiesOfCopy({ user, admin, alias }: Desk): readonly Duty[] {
  const of = { alias, index: `${alias}-v2` };
  const ports: CopyPorts = {
    ...{ engine: user.engine, settings: user.settings, clock: systemClock, signal: new AbortController().signal },
    ...{ random: Math.random, onProgress: () => undefined },
  };
  const input = ({ pair, moves }: CutOverGround): CutOverInput => ({
    ...{ ...of, from: pair.live, number: 2, moves: [...moves], blockMs: 30_000, attempts: 1 },
    ...{ holder: aHolder({ kind: 'Heavy' }), runUid: 'copy-1', tokenFloor: 0, bulkBytes: 100_000, bulkConcurrency: 1 },
    serving: { settings: { 'index.hidden': null }, dynamic: 'true' },
  });
  const requireEnd = ({ exitCode, result }: CopyEnd): void => {
    if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${result.errors.join(', ')}`);
  };
  const ground = async (): Promise<CutOverGround> => {
    const made = await aCutOverGround(admin.engine, alias);
    await writeThrough(admin.engine, alias, ['a', 'b']);
    await admin.settings.ensure();
    await admin.settings.claim(alias, anOwner());
    const writer = { held: false, holder: null, token: 1, epoch: 2, leaseSeconds: 0 };
    await admin.settings.createVersion(aVersionRecord({ ...of, number: 2, writer }));
    return made;
  };
  let made: Promise<CutOverGround> | undefined;
  const theGround = async (): Promise<CutOverGround> => (made ??= ground());
  return [
    ['copies an index', async () => requireEnd(await runCopy(input(await theGround()), ports))],
    [
      'gives a cut-over up that has blocked it',
      async () => {
        const { pair } = await theGround();
        const fence = { engine: user.engine, pause: async () => undefined };
        const turn = { epoch: 2, attempt: 1 };
        await takeGuard(fence, pair, turn);
        const lines = ndjson({ index: { _id: 'stray' } }, { n: 1 });
        const to = { target: writersName(pair, turn), requireAlias: true };
        const { items } = await user.engine.documents.bulk(lines, to);
        for (const { errorReason } of items) if (errorReason !== undefined) throw new Error(errorReason);
        await blockLive(user.engine, pair, turn);
        await giveUp(fence, pair, turn);
      },
    ],
    ['takes its aliases over', async () => requireEnd(await runCutOver(input(await theGround()), ports))],
  ];
}

/** The verbs of the command line that only look. What they may not see would be missing from what they say, in silence. */
export function dutiesOfLook(desk: Desk): readonly Duty[] {
  const { user, admin, alias } = desk;
  const says = (what: string, verb: (cli: CliContext) => Promise<number>): Duty => [
    what,
    async () => {
      const [own, all] = [user, admin].map(({ engine }) => aCommandLine(engine, prefix));
      if (own === undefined || all === undefined) return;
      requireDone(own, await verb(own));
      await verb(all);
      if (!isDeepStrictEqual(own.said, all.said))
        throw new Error(`says ${own.said.join('; ')}, and an administrator ${all.said.join('; ')}`);
    },
  ];
  return [
    ['(an alias is held)', () => held(desk)],
    ['(two operators are at odds)', () => twins(desk)],
    says('list', listVerb),
    says('status', cli => statusVerb(cli, alias)),
    says('search', cli => searchVerb(cli, alias, 'const', 10)),
    says('lock show', cli => lockShowVerb(cli, alias, 0)),
    says('operator show', operatorShowVerb),
  ];
}

/** The verbs that mend: they build nothing. */
export function dutiesOfAct(desk: Desk): readonly Duty[] {
  const { user, admin, alias } = desk;
  const cli = aCommandLine(user.engine, prefix);
  const says = (what: string, verb: () => Promise<number>): Duty => [what, async () => requireDone(cli, await verb())];
  return [
    ['(an alias is held)', () => held(desk)],
    says('lock break', () => lockBreakVerb(cli, alias, { reason: 'its node is gone' })),
    ['(no version serves)', () => unserved(desk)],
    says('forget', () => forgetVerb(cli, alias)),
    ['(an alias is owned)', () => aVersion(admin.engine, prefix, alias)],
    says('lock release-owner', () => releaseOwnerVerb(cli, alias, { uid: 'test', reason: 'it is gone' })),
    ['(two operators are at odds)', () => twins(desk)],
    says('operator keep', () => operatorKeepVerb(cli, 'pod-1')),
  ];
}

/** `reindeer index`, which claims, builds, switches and follows. */
export function dutiesOfIndex({ user, alias, repository }: Desk): readonly Duty[] {
  const index = async (clean: boolean, files: Readonly<Record<string, string>>): Promise<void> => {
    await repository.commit(files);
    const cli = aCommandLine(user.engine, prefix);
    const request = { alias, branch: '', folder: '', clean, keepOldIndices: false };
    requireDone(cli, await indexVerb(cli, repository.path, request));
  };
  return [
    ['index', () => index(false, { 'a.ts': 'const a = 1;\n' })],
    ['index of another commit', () => index(false, { 'b.ts': 'const b = 1;\n' })],
    ['index --clean', () => index(true, { 'c.ts': 'const c = 1;\n' })],
  ];
}

function requireDone({ said }: { readonly said: readonly string[] }, code: number): void {
  if (code !== 0) throw new Error(`exit code ${code}: ${said.join('; ')}`);
}

/** An alias that serves, made by the administrator. */
export async function indexed(desk: Desk): Promise<void> {
  const [first] = dutiesOfIndex({ ...desk, user: desk.admin });
  await first?.[1]();
}

async function held(desk: Desk): Promise<void> {
  await indexed(desk);
  const { settings } = desk.admin;
  const [version] = await settings.versionRecords(desk.alias);
  const options = { leaseSeconds: 60, tokenFloor: 0 };
  await settings.acquire({ of: 'alias', alias: desk.alias }, aHolder({ uid: 'gone' }), options);
  await settings.acquire(
    { of: 'version', alias: desk.alias, index: version?.index ?? '' },
    aHolder({ uid: 'gone' }),
    options,
  );
}

async function unserved({ admin: { engine }, alias }: Desk): Promise<void> {
  for (const { index } of await engine.aliases.members(alias))
    await engine.aliases.update([{ remove: { index, alias, must_exist: true } }]);
}

async function twins({ admin: { settings } }: Desk): Promise<void> {
  const id = { operator: 'kubernetes', election: 'reindeer-system/reindeer' };
  const stored = await settings.operatorRecord(id);
  await settings.putOperator(
    { kind: 'operator', ...id, process: 'pod-2', disputed: ['pod-1', 'pod-2'] },
    stored?.stand,
  );
}
