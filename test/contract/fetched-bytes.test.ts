import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { countingRelay } from '../../bench/harness/counting-relay.ts';
import { packedBytes } from '../../bench/harness/changed-documents.ts';
import { seededRandom } from '../../bench/harness/random.ts';
import { openRemote } from '../../src/git/repository.ts';
import { aGitServer, type TestGitServer } from '../support/real/a-git-server.ts';
import { aVersion } from '../support/real/an-indexed-version.ts';
import { fakeEngine } from '../support/fakes/fake-engine.ts';

const minutes = 60_000;
const changedFiles = 10;
/** Files are in folders of 20, those in folders of 10, those in the root. */
const pathOf = (i: number): string => `area-${Math.floor(i / 200)}/part-${Math.floor(i / 20) % 10}/file-${i}.txt`;

/** Six digits on a line do not shrink to nothing when they are packed. */
function textOf(seed: number): string {
  const random = seededRandom(seed);
  return Array.from({ length: 150 }, () => `${random().toString().slice(2, 8)}\n`).join('');
}

/** What the server sent for a light run that brought a version over ten changed files, and what had to be sent. */
type Measured = { readonly files: number; readonly bytes: number; readonly changed: number; readonly clone: number };

describe('a light run without a volume', () => {
  let server: TestGitServer;
  let folder: string;
  beforeAll(async () => {
    server = await aGitServer();
    folder = mkdtempSync(join(tmpdir(), 'reindeer-bytes-'));
  }, minutes);
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it(
    'fetches what changed and the folders above it, however large the repository is',
    async () => {
      const small = await measure(400);
      const large = await measure(8000);
      for (const { files, bytes, changed, clone } of [small, large]) {
        const ratio = (bytes / changed).toFixed(2);
        console.log(
          `${files} files, ${changedFiles} changed: ${bytes} bytes fetched, ${ratio} of ${changed} that changed; the first build fetched ${clone}`,
        );
        // Encryption, headers and one answer for each level of folders come on top.
        expect(bytes).toBeLessThan(3 * changed);
      }
      // A folder of 40 areas in place of one of 2 is all that grows with the number of files.
      expect(large.bytes).toBeLessThan(1.3 * small.bytes);
      expect(large.bytes).toBeLessThan(0.05 * large.clone);
    },
    5 * minutes,
  );

  async function measure(files: number): Promise<Measured> {
    const repository = await server.repository(`of-${files}`);
    const all = Array.from({ length: files }, (_, i) => [pathOf(i), textOf(i)] as const);
    const base = await repository.commit(Object.fromEntries(all));
    const step = Math.floor(files / changedFiles);
    const fresh = Array.from({ length: changedFiles }, (_, i) => [pathOf(i * step), textOf(files + i)] as const);
    const target = await repository.commit(Object.fromEntries(fresh));
    const relay = await countingRelay({ host: '127.0.0.1', port: Number(new URL(server.url).port) });
    try {
      const version = await aVersion(fakeEngine(), 't', 'bytes');
      const run = async (commit: string, mode: 'full' | 'incremental'): Promise<number> => {
        const workFolder = mkdtempSync(join(folder, 'work-'));
        const url = repository.url.replace(/:[0-9]+\//, `:${relay.port}/`);
        const how = { credentials: { ca: server.ca }, addresses: [], commit, refName: 'refs/heads/main' };
        const end = await version.run(repository.path, commit, {
          input: { mode },
          ports: { openRepository: blobs => openRemote({ url, ...how, blobs, folder: workFolder }) },
        });
        expect(end.result).toMatchObject({ outcome: 'succeeded', errors: [] });
        return relay.takeCount();
      };
      const clone = await run(base, 'full');
      const bytes = await run(target, 'incremental');
      return { files, bytes, clone, changed: await packedBytes({ path: repository.path, from: base, to: target }) };
    } finally {
      await relay.close();
    }
  }
});
