import { exitCodes } from '../../src/api/exit-codes.ts';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { engineVariables } from '../bed/describe.ts';
import { aGitServer, type TestGitServer } from '../support/real/a-git-server.ts';
import { aVersion, type IndexedVersion } from '../support/real/an-indexed-version.ts';
import { watchedProcess, type Watched } from '../support/real/watched-process.ts';
import type { EngineAccess } from '../support/real/bed-engine.ts';
import { onRealEngine } from './engines.ts';

const workerProgram = join(import.meta.dirname, '..', '..', 'src', 'bin', 'worker.ts');
const twoMinutes = 120_000;

/** The secrets of the run, each of which holds this word; none may be seen anywhere but in files and pipes. */
const canary = 'canary';

describe('a worker that reads a private repository with a token', () => {
  let server: TestGitServer;
  let folder: string;
  beforeAll(async () => {
    server = await aGitServer();
    folder = mkdtempSync(join(tmpdir(), 'reindeer-secrets-'));
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  onRealEngine((bench, address) => {
    it(
      'shows it to nobody: not in arguments, environments, what it says, records or documents',
      async () => {
        const repository = await server.repository(`private/${bench().prefix}`);
        const files = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`src/${i}.txt`, `text ${i}\n`]));
        const version = await aVersion(bench().engine, bench().prefix);
        for (const mode of ['full', 'incremental']) {
          const commit = await repository.commit(mode === 'full' ? files : { 'src/1.txt': 'changed\n' });
          const env = environment(version, { mode, commit, url: repository.url, token: server.token });
          const watched = await work(env);
          expect(watched).toMatchObject({ exitCode: exitCodes.done, said: expect.stringContaining('run ended') });
          expectSilence(watched);
        }
        const records = await dumpRecords(version);
        expect(records.length).toBeGreaterThan(2);
        expect(JSON.stringify([records, await version.dump()])).not.toContain(canary);
        expect(readdirSync(folder).filter(name => name.startsWith('reindeer-'))).toEqual([]);
      },
      twoMinutes,
    );

    it(
      'does not show a wrong one either when it is refused',
      async () => {
        const repository = await server.repository(`private/${bench().prefix}`);
        const commit = await repository.commit({ 'a.txt': 'a\n' });
        const version = await aVersion(bench().engine, bench().prefix);
        const given = { mode: 'full', commit, url: repository.url, token: `wrong-${canary}` };
        const watched = await work(environment(version, given));
        expect(watched).toMatchObject({
          exitCode: exitCodes.denied,
          said: expect.stringContaining('AuthenticationFailed'),
        });
        expectSilence(watched);
        expect(JSON.stringify(await dumpRecords(version))).not.toContain(canary);
      },
      twoMinutes,
    );

    const dumpRecords = (version: IndexedVersion) =>
      bench()
        .engine.documents.search(`${bench().prefix}-settings`, { size: 1000, query: { match_all: {} } })
        .then(({ hits }) => hits.filter(hit => JSON.stringify(hit.source).includes(version.alias)));

    function environment(
      version: IndexedVersion,
      given: { readonly mode: string; readonly commit: string; readonly url: string; readonly token: string },
    ): Readonly<Record<string, string>> {
      const secret = mkdtempSync(join(folder, 'secret-'));
      writeFileSync(join(secret, 'token'), `${given.token}\n`);
      writeFileSync(join(secret, 'ca.crt'), server.ca);
      return {
        PATH: process.env['PATH'] ?? '',
        REINDEER_CONTRACT: '1',
        REINDEER_MODE: given.mode,
        REINDEER_ALIAS: version.alias,
        REINDEER_INDEX: version.index,
        REINDEER_SETTINGS_INDEX: `${bench().prefix}-settings`,
        REINDEER_TOKEN: '0',
        REINDEER_REPO_URL: given.url,
        REINDEER_BRANCH: 'main',
        REINDEER_COMMIT: given.commit,
        REINDEER_WORK_DIR: folder,
        REINDEER_JOB_UID: randomUUID(),
        REINDEER_POD_UID: randomUUID(),
        REINDEER_ALLOWED_GIT_HOSTS: '127.0.0.1',
        REINDEER_GIT_SECRET_DIR: secret,
        ...connection(address().access),
      };
    }
  });

  function connection({
    endpoints,
    username = '',
    password = '',
    caPem,
  }: EngineAccess): Readonly<Record<string, string>> {
    const caFile = caPem === undefined ? '' : join(folder, 'engine-ca.crt');
    if (caPem !== undefined) writeFileSync(caFile, caPem);
    return engineVariables({ url: endpoints.join(','), username, password, caFile });
  }
});

async function work(env: Readonly<Record<string, string>>): Promise<Watched> {
  const watched = await watchedProcess([process.execPath, '--disable-warning=ExperimentalWarning', workerProgram], env);
  // The password of the engine is in the worker's own environment, as its Secret puts it there, and nowhere below.
  const password = env['SEARCH_PASSWORD'] ?? '';
  const having = [...watched.childEnvironments].filter(each => password !== '' && each.includes(password));
  expect(having).toEqual([]);
  return watched;
}

function expectSilence({ said, commandLines, childEnvironments }: Watched): void {
  expect(said).not.toContain(canary);
  // A watch that saw nothing would find nothing.
  expect([...commandLines].some(line => /remote-https/.test(line))).toBe(true);
  expect([...childEnvironments].some(each => each.includes('GIT_ASKPASS='))).toBe(true);
  expect([...commandLines, ...childEnvironments].filter(each => each.includes(canary))).toEqual([]);
}
