import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../test/bed/command.ts';
import { generatedRepository, type GeneratedRepository } from '../generated/repository.ts';
import { comparedCase } from '../harness/cases.ts';
import { packedBytes } from '../harness/changed-documents.ts';
import { countingRelay, type CountingRelay } from '../harness/counting-relay.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { compareGroups } from '../harness/pairs.ts';
import { onStage, type Stage } from '../harness/stage.ts';
import { targets } from '../targets.ts';

/** G4: what a Job without a volume fetches to bring a version over ten changed files. Exact counts, so one run each. */
export const fetchedBytesMetric: Metric = { id: 'G4', title: 'bytes fetched', run: measure };

const changedFiles = 10;

async function measure({ profile }: BenchContext): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (const files of profile === 'quick' ? [1000, 3000] : [1000, 10_000, 100_000]) {
    const repository = await generatedRepository(files);
    cases.push(...(await onStage(stage => casesOf(stage, repository))));
  }
  return cases;
}

async function casesOf(stage: Stage, repository: GeneratedRepository): Promise<readonly Case[]> {
  const { hostname, port } = new URL(stage.bed.git.url);
  const relay = await countingRelay({ host: hostname, port: Number(port) });
  try {
    const changed = repository.changed[changedFiles] ?? '';
    const repoUrl = `https://127.0.0.1:${relay.port}${stage.serve('fetched', repository.path)}`;
    const version = await stage.version('fetched');
    await stage.work({ version, repoUrl, commit: repository.base, mode: 'full' });
    relay.takeCount();
    await stage.work({ version, repoUrl, commit: changed, mode: 'incremental' });
    const ours = relay.takeCount();
    const clone = await cloneBytes(stage, relay, repoUrl);
    const limit = await packedBytes({ path: repository.path, from: repository.base, to: changed });
    const said = { case: `${changedFiles} changed of ${repository.files} files`, unit: 'bytes' };
    return [
      comparedCase(
        { ...said, target: targets.G4.bytesOfLimit, note: 'limit = a pack of the changed blobs and the touched trees' },
        'limit',
        compareGroups([ours], [limit]),
      ),
      comparedCase(
        {
          ...said,
          case: `${said.case}, against a clone`,
          target: targets.G4.bytesOfClone,
          note: 'peer = clone --depth 1',
        },
        'peer',
        compareGroups([ours], [clone]),
      ),
    ];
  } finally {
    await relay.close();
  }
}

async function cloneBytes({ bed }: Stage, relay: CountingRelay, repoUrl: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'reindeer-bench-'));
  try {
    await run(['git', 'clone', '--quiet', '--bare', '--depth=1', repoUrl, join(folder, 'clone.git')], {
      env: { GIT_SSL_CAINFO: bed.git.caFile, no_proxy: '*' },
    });
    return relay.takeCount();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
