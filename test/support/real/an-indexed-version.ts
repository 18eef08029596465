import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chunkerHash, schemaVersion, selectionHash, type Selection } from '../../../src/domain/document-model.ts';
import { newVersionRecord, type VersionRecord } from '../../../src/domain/records.ts';
import { indexBody, shapeHash } from '../../../src/domain/shape.ts';
import { versionName } from '../../../src/domain/version.ts';
import type { Engine } from '../../../src/engine/port.ts';
import { writeAliasOf } from '../../../src/fences/write-alias.ts';
import { openLocal } from '../../../src/git/local.ts';
import type { Settings } from '../../../src/registry/port.ts';
import { settingsOn } from '../../../src/registry/settings.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import type { IndexingInput, IndexingPorts } from '../../../src/workers/index/input.ts';
import { runIndexing, type IndexingEnd } from '../../../src/workers/index/run-indexing.ts';
import { sharedThreads } from './shared-threads.ts';
import { dumpVersion, type DumpedDocument } from '../checks/version-dump.ts';

export const everything: Selection = { include: [], exclude: [], maxFileBytes: 1_048_576 };

export type IndexedVersion = {
  readonly alias: string;
  readonly index: string;
  readonly settings: Settings;
  /** Indexes a commit of a repository on this machine. */
  run(repository: string, commit: string, changed?: RunChanges): Promise<IndexingEnd>;
  record(): Promise<VersionRecord>;
  dump(): Promise<readonly DumpedDocument[]>;
};

export type RunChanges = { readonly input?: Partial<IndexingInput>; readonly ports?: Partial<IndexingPorts> };

const shape = { shards: 1, replicas: 0 } as const;

/** An empty version behind a claimed alias whose name begins with the prefix; nothing is switched. */
export async function aVersion(engine: Engine, prefix: string, alias = `${prefix}-repo`): Promise<IndexedVersion> {
  const settings = settingsOn(engine, `${prefix}-settings`);
  await settings.ensure();
  await settings.claim(alias, { clusterUuid: 'any', namespace: '', name: 'test', uid: 'test' });
  const { nextVersion } = await settings.changeAlias(alias, record => ({
    ...record,
    nextVersion: record.nextVersion + 1,
  }));
  const number = nextVersion - 1;
  const index = versionName(alias, number);
  await engine.indices.create(index, {
    ...indexBody({ shape, shards: 1, meta: { managedBy: 'reindeer', alias, version: number, ownerUid: 'test' } }),
    aliases: writeAliasOf(index, 0),
  });
  await settings.createVersion(
    newVersionRecord({
      alias,
      number,
      ownerUid: 'test',
      branch: '',
      repoUrl: 'https://git.example.org/repo.git',
      schema: schemaVersion,
      chunkerHash,
      selectionHash: selectionHash(everything),
      shapeHash: shapeHash(shape),
      workerImage: 'test',
      since: '2026-01-01T00:00:00Z',
    }),
  );
  return {
    alias,
    index,
    settings,
    run: (repository, commit, changed) => run({ engine, settings, alias, index }, repository, commit, changed),
    record: async () => {
      const found = await settings.versionRecord(index);
      if (found === undefined) throw new Error(`${index} has no record`);
      return found.source;
    },
    dump: () => dumpVersion(engine, index),
  };
}

type Target = { readonly engine: Engine; readonly settings: Settings; readonly alias: string; readonly index: string };

async function run(target: Target, repository: string, commit: string, changed: RunChanges = {}): Promise<IndexingEnd> {
  const { engine, settings, alias, index } = target;
  const workFolder = mkdtempSync(join(tmpdir(), 'reindeer-run-'));
  const signal = new AbortController().signal;
  const uid = randomUUID();
  const threads = sharedThreads();
  try {
    return await runIndexing(
      {
        mode: 'full',
        alias,
        index,
        // The same for every folder that the repository may lie in.
        repoUrl: 'https://git.example.org/repo.git',
        branch: '',
        commit,
        selection: everything,
        holder: { kind: 'External', name: 'test', uid, pod: '' },
        runUid: uid,
        tokenFloor: 0,
        bulkBytes: 65_536,
        bulkConcurrency: 2,
        duringReindex: 'Skip',
        ...changed.input,
      },
      {
        engine,
        settings,
        openRepository: () => openLocal({ path: repository, commit, folder: workFolder, signal }),
        workFolder,
        clock: systemClock,
        signal,
        random: () => 0.5,
        onProgress: () => undefined,
        ...(threads && { sharedThreads: threads }),
        ...changed.ports,
      },
    );
  } finally {
    rmSync(workFolder, { recursive: true, force: true });
  }
}
