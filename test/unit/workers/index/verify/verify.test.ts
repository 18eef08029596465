import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConflictError, RefusedRequestError, RetryableError, TerminalError } from '../../../../../src/domain/errors.ts';
import type { JsonObject } from '../../../../../src/domain/json.ts';
import { BlockedError } from '../../../../../src/engine/errors.ts';
import type { Engine } from '../../../../../src/engine/port.ts';
import { fileId } from '../../../../../src/workers/index/documents/documents.ts';
import {
  failureOf,
  FilesFailedError,
  FullReindexNeededError,
  StoppedError,
} from '../../../../../src/workers/run/outcome.ts';
import { Tally } from '../../../../../src/workers/index/verify/tally.ts';
import { verifyCounts, verifyFingerprint, verifySample } from '../../../../../src/workers/index/verify/verify.ts';
import { aRepository, type TestRepository } from '../../../../support/real/a-repository.ts';
import { aVersion } from '../../../../support/real/an-indexed-version.ts';
import { fakeEngine } from '../../../../support/fakes/fake-engine.ts';

const refused = (message: string) => ({ reason: 'VerificationFailed', message: expect.stringContaining(message) });

describe('verification', () => {
  let repository: TestRepository;
  let commit: string;
  beforeAll(async () => {
    repository = await aRepository();
    commit = await repository.commit({ 'a.txt': 'a\n'.repeat(2000), 'b.txt': 'b\n', 'c.lock': '', 'yarn.lock': 'x\n' });
  });
  afterAll(() => repository.remove());

  /** A verified version, what it should hold, and a way to spoil it. */
  async function aVerifiedVersion() {
    const engine = fakeEngine();
    const version = await aVersion(engine, 't', 'alias');
    await version.run(repository.path, commit);
    const verification = {
      engine,
      index: version.index,
      expected: new Tally(await version.record()),
      sample: [
        { filePath: 'a.txt', chunks: 2 },
        { filePath: 'b.txt', chunks: 1 },
      ],
    };
    return {
      engine,
      version,
      verification,
      spoil: (id: string, source?: JsonObject) => spoil(engine, version.index, id, source),
    };
  }

  it('passes for what a run wrote', async () => {
    const { verification } = await aVerifiedVersion();
    await verifyCounts(verification);
    await verifyFingerprint(verification);
    await verifySample(verification);
  });

  it('counts chunks', async () => {
    const { version, verification, spoil: remove } = await aVerifiedVersion();
    const chunk = (await version.dump()).find(({ source }) => source['doc'] === 'chunk');
    await remove(chunk?.id ?? '');
    await expect(verifyCounts(verification)).rejects.toMatchObject(
      refused('chunk documents: 3 expected by the tree, 2 in'),
    );
  });

  it('counts files', async () => {
    const { verification, spoil: remove } = await aVerifiedVersion();
    await remove(fileId('alias', 'b.txt'));
    await expect(verifyCounts(verification)).rejects.toMatchObject(
      refused('file documents: 4 expected by the tree, 3 in'),
    );
  });

  it('sums what the file documents claim', async () => {
    const { version, verification, spoil: replace } = await aVerifiedVersion();
    const file = (await version.dump()).find(({ id }) => id === fileId('alias', 'b.txt'));
    await replace(file?.id ?? '', { ...file?.source, chunks: 7 });
    await expect(verifyCounts(verification)).rejects.toMatchObject(refused('by the file documents: 3 expected'));
  });

  it('notices another content under the same path', async () => {
    const { version, verification, spoil: replace } = await aVerifiedVersion();
    const file = (await version.dump()).find(({ id }) => id === fileId('alias', 'b.txt'));
    await replace(file?.id ?? '', { ...file?.source, git_file_hash: 'another' });
    await verifyCounts(verification);
    await expect(verifyFingerprint(verification)).rejects.toMatchObject(refused('not the same ones'));
  });

  it('notices a text that is not the one that was cut', async () => {
    const { version, verification, spoil: replace } = await aVerifiedVersion();
    const chunk = (await version.dump()).find(
      ({ source }) => source['doc'] === 'chunk' && source['filePath'] === 'b.txt',
    );
    await replace(chunk?.id ?? '', { ...chunk?.source, content: 'c\n' });
    await expect(verifySample(verification)).rejects.toMatchObject(refused('the chunks of b.txt are not its text'));
  });
});

/** Writes into a version past every fence: a delete without a source. */
async function spoil(engine: Engine, index: string, id: string, source?: JsonObject): Promise<void> {
  const lines = source === undefined ? [{ delete: { _id: id } }] : [{ index: { _id: id } }, source];
  const body = lines.map(line => `${JSON.stringify(line)}\n`).join('');
  await engine.documents.bulk(Buffer.from(body), { target: index, requireAlias: false });
  await engine.indices.refresh(index);
}

describe('a run that fails', () => {
  it.each<[string, unknown, number, string]>([
    ['for refused credentials', new TerminalError('AuthenticationFailed', 'm'), 77, 'AuthenticationFailed'],
    ['for a ref that is gone', new TerminalError('RefNotFound', 'm'), 66, 'RefNotFound'],
    ['for a repository that is gone', new TerminalError('RepositoryNotFound', 'm'), 66, 'RepositoryNotFound'],
    ['for a selection of nothing', new TerminalError('NothingSelected', 'm'), 64, 'NothingSelected'],
    ['in its verification', new TerminalError('VerificationFailed', 'm'), 79, 'VerificationFailed'],
    ['because a newer writer is at work', new TerminalError('LockLost', 'm'), 80, 'LockLost'],
    ['because a record was changed', new ConflictError('m'), 80, 'LockLost'],
    ['for an engine that is down', new RetryableError('EngineUnavailable', 'm'), 75, 'EngineUnavailable'],
    ['for a full disk', new RetryableError('DiskFull', 'm'), 75, 'DiskFull'],
    ['because it was stopped', new StoppedError('m'), 75, 'WorkerFailed'],
    ['for an older document model', new FullReindexNeededError('m'), 78, 'FullReindexNeeded'],
    ['for files that the engine refuses', new FilesFailedError('m'), 1, 'DocumentsRejected'],
    ['for a request that the engine refuses', new RefusedRequestError('m'), 1, 'RequestRefused'],
    ['for blocked writes', new BlockedError('WritesBlocked', 'm'), 75, 'WritesBlocked'],
    ['for a request that is too large', new TerminalError('RequestTooLarge', 'm'), 64, 'RequestTooLarge'],
    ['for a bug', new TypeError('m'), 1, 'Unexpected'],
  ])('%s ends with its own exit code', (_, error, exitCode, reason) => {
    expect(failureOf(error)).toEqual({ exitCode, reason, message: 'm' });
  });
});
