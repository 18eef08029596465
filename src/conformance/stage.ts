import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { managedBy } from '../api/meta.ts';
import { chunkerHash, schemaVersion, selectionHash } from '../domain/document-model.ts';
import { isoSeconds } from '../domain/progress.ts';
import { newVersionRecord } from '../domain/records.ts';
import { indexBody, shapeHash } from '../domain/shape.ts';
import { versionName } from '../domain/version.ts';
import { withFormerNames } from '../domain/engine-variables.ts';
import type { Engine } from '../engine/port.ts';
import { writeAliasOf } from '../fences/write-alias.ts';
import type { Settings } from '../registry/port.ts';
import type { Clock } from '../runtime/clock.ts';
import { openGitHost, type GitHost } from './git-host.ts';
import type { Program } from './program.ts';
import type { Contract } from './said.ts';
import { makeSampleRepository, type SampleRepository } from './sample-repository.ts';
import { Subject } from './subject.ts';

/** How the program under test reaches the engine. */
export type EngineAddress = {
  readonly endpoints: readonly string[];
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly caPem?: string | undefined;
};

export type StageParts = {
  readonly engine: Engine;
  readonly settingsOn: (index: string) => Settings;
  readonly address: EngineAddress;
  readonly clock: Clock;
  readonly program: Program;
  /** How the program is told what to do. */
  readonly contract: Contract;
};

/** Everything that the cases share: an engine, a repository on a Git host, and names that nobody else has. */
export type Stage = StageParts & {
  readonly repository: SampleRepository;
  readonly git: GitHost;
  /** Makes an empty version behind an alias of its own, as the operator does before it starts a Job. */
  newVersion(): Promise<Subject>;
  /** Removes every index that the cases made. */
  close(): Promise<void>;
};

const shape = { shards: 1, replicas: 0 } as const;
const selection = { include: [], exclude: [], maxFileBytes: 1_048_576 } as const;

export async function openStage(parts: StageParts): Promise<Stage> {
  const { engine, address } = parts;
  const folder = await mkdtemp(join(tmpdir(), 'reindeer-conformance-'));
  const prefix = `conformance-${randomBytes(5).toString('hex')}`;
  const settingsIndex = `${prefix}-settings`;
  const settings = parts.settingsOn(settingsIndex);
  const repository = await makeSampleRepository(folder);
  const git = await openGitHost(folder, folder);
  const engineCaFile = address.caPem === undefined ? undefined : join(folder, 'engine-ca.crt');
  if (engineCaFile !== undefined) await writeFile(engineCaFile, address.caPem ?? '');
  await settings.ensure();
  const environment = (alias: string, index: string): Record<string, string> => ({
    REINDEER_CONTRACT: '1',
    REINDEER_ALIAS: alias,
    REINDEER_INDEX: index,
    REINDEER_SETTINGS_INDEX: settingsIndex,
    REINDEER_TOKEN: '0',
    REINDEER_REPO_URL: `${git.url}/${repository.name}`,
    REINDEER_BRANCH: 'main',
    REINDEER_ALLOWED_GIT_HOSTS: git.host,
    REINDEER_DEADLINE_SECONDS: '170',
    REINDEER_NAMESPACE: 'conformance',
    REINDEER_NAME: alias,
    REINDEER_POD_UID: randomUUID(),
    ...withFormerNames({
      SEARCH_ENDPOINT: address.endpoints.join(','),
      SEARCH_USERNAME: address.username ?? '',
      SEARCH_PASSWORD: address.password ?? '',
    }),
    SEARCH_API_KEY: address.apiKey ?? '',
  });
  let count = 0;
  return {
    ...parts,
    repository,
    git,
    newVersion: async () => {
      const alias = `${prefix}-${(count += 1)}`;
      const index = versionName(alias, 1);
      await settings.claim(alias, { clusterUuid: '', namespace: '', name: 'reindeer conformance', uid: prefix });
      const meta = { managedBy, alias, version: 1, ownerUid: prefix } as const;
      const body = indexBody({ shape, shards: 1, meta });
      await engine.indices.create(index, { ...body, aliases: writeAliasOf(index, 0) });
      await settings.createVersion(
        newVersionRecord({
          ...{ alias, number: 1, ownerUid: prefix, branch: 'main', repoUrl: `${git.url}/${repository.name}` },
          ...{ schema: schemaVersion, chunkerHash, selectionHash: selectionHash(selection), workerImage: '' },
          ...{ shapeHash: shapeHash(shape), since: isoSeconds(parts.clock.now()) },
        }),
      );
      const launch = { gitSecretDir: git.secretDir, engineCaFile, folder };
      const env = environment(alias, index);
      return new Subject({
        alias,
        index,
        prefix,
        engine,
        settings,
        clock: parts.clock,
        program: parts.program,
        contract: parts.contract,
        launch,
        env,
      });
    },
    close: async () => {
      await git.close();
      const made = await engine.indices.describe(`${prefix}*`);
      await Promise.all(made.map(async ({ name }) => engine.indices.delete(name)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
