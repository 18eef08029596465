import { chmodSync, copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run } from '../../bed/command.ts';
import { engineVariables } from '../../bed/describe.ts';
import { aCluster, commitOf, untilLive, type Cluster } from './a-cluster.ts';
import { aHolder } from '../objects/a-record.ts';
import { GitRemote } from './git-remote.ts';
import { aSearchCluster, anIndexedRepo, installOperator, operatorNamespace } from './installed.ts';
import { accessTo } from './bed-engine.ts';
import { filled, type CommandBlock } from '../checks/page-commands.ts';
import type { PageValues } from '../checks/page-values.ts';

/** Where the commands of pages are run: an installation with one repository that serves, and a shell with the tools. */
export type PageStage = {
  /** Runs a block as a reader would, who put something for each placeholder; throws with its output when it fails. */
  type(block: CommandBlock): Promise<string>;
  close(): Promise<void>;
};

const checkout = join(import.meta.dirname, '..', '..', '..');
/** Of the SearchCluster, the IndexedRepo and the ReindexRequest alike. */
const name = 'code';
const [older, newer] = ['v0.19.0', 'v0.20.0'] as const;
const lease = { leaseSeconds: 3600, tokenFloor: 0 };
const operatorId = { operator: 'page', election: 'reindeer-system/reindeer' };

export async function aPageStage(): Promise<PageStage> {
  const cluster = await aCluster('pages');
  const suffix = randomBytes(3).toString('hex');
  const alias = `pages-${suffix}`;
  const own = `pages-own-${suffix}`;
  const remote = await GitRemote.at(cluster.bed, cluster.history, alias, commitOf(cluster, older));
  const folder = await aShell(cluster);
  await declare(cluster, alias);
  await untilLive(cluster, name, commitOf(cluster, older));
  await remote.push(commitOf(cluster, newer));
  await untilLive(cluster, name, commitOf(cluster, newer));
  const { username, password } = cluster.bed.engine;
  const values: PageValues = {
    ...{
      NAME: name,
      NAMESPACE: cluster.kubectl.namespace,
      ALIAS: alias,
      WORDS: 'function',
      TEXT: "'the node is gone'",
    },
    ...{ USER: `${username}:${password}`, REPOSITORY: cluster.history.repository, BRANCH: older, ID: 'pod-1' },
    URL: remote.url.replace('://', `://${cluster.bed.git.username}:${cluster.bed.git.password}@`),
    ...{ UID: 'of-no-owner', JOB: '' },
  };
  const prepare = preparations(cluster, alias);
  return {
    type: async ({ id, page, commands }) => {
      const given = { ...values, ...(page === 'command-line.md' && { ALIAS: own }), ...(await prepare[id]?.()) };
      return run(['bash', '-euo', 'pipefail', '-c', filled(commands, given)], {
        cwd: folder,
        env: shell(cluster, folder),
      });
    },
    close: async () => {
      rmSync(folder, { recursive: true, force: true });
      for (const { name: index } of await cluster.engine.indices.describe(`pages-*${suffix}-v*`))
        await cluster.engine.indices.delete(index);
      await cluster.remove();
    },
  };
}

/** What a page takes for granted where it stands, and what is put for its placeholders because of it. */
function preparations(cluster: Cluster, alias: string): Readonly<Record<string, () => Promise<Partial<PageValues>>>> {
  const { kubectl, settings, engine, bed } = cluster;
  return {
    [`runbooks/ReindeerLockSilent.md 2`]: async () => {
      await settings.acquire({ of: 'alias', alias }, aHolder({ kind: 'External' }), lease);
      return {};
    },
    [`runbooks/ReindeerRunsFail.md 1`]: async () => {
      const [job] = await kubectl.list('jobs');
      return { JOB: job?.metadata.name ?? 'of-no-run' };
    },
    [`backup-restore.md 2`]: async () => {
      const record = { kind: 'operator', ...operatorId, process: 'pod-2', disputed: ['pod-1', 'pod-2'] } as const;
      await settings.putOperator(record, undefined);
      return {};
    },
    [`uninstall.md 3`]: async () => {
      for (const { name: index } of await engine.indices.describe(`${alias}-v*`)) await engine.indices.delete(index);
      await installOperator(bed);
      await declare(cluster, alias);
      await untilLive(cluster, name, commitOf(cluster, newer));
      return {};
    },
    [`uninstall.md 4`]: async () => {
      await run([join(bed.binaries, 'helm'), 'uninstall', 'reindeer', '--namespace', operatorNamespace, '--wait'], {
        env: { KUBECONFIG: bed.kubeconfig },
      });
      await kubectl.run(['delete', 'irepo,scluster', name, '--wait=false']);
      return {};
    },
    [`uninstall.md 5`]: async () => ({ UID: (await settings.aliasRecord(alias))?.source.owner.uid ?? '' }),
  };
}

async function declare({ bed, kubectl }: Cluster, alias: string): Promise<void> {
  const main = aSearchCluster(bed);
  await kubectl.apply({ ...main, metadata: { name } });
  await kubectl.waitFor('scluster', name, 'Ready', 60);
  await kubectl.apply(
    anIndexedRepo(bed, name, { alias, path: `private/${alias}.git`, clusterRef: { name }, index: { replicas: 0 } }),
    {
      apiVersion: 'reindeer.dev/v1alpha1',
      kind: 'ReindexRequest',
      metadata: { name },
      spec: { target: { repoRef: { name } }, strategy: 'Rebuild' },
    },
  );
}

/** A folder to type in: the certificate, the checkout's folders that commands name, and the program `reindeer`. */
async function aShell({ bed, kubectl }: Cluster): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'reindeer-pages-'));
  const { caPem = '' } = accessTo(bed.engine);
  writeFileSync(join(folder, 'ca.crt'), caPem);
  for (const each of ['charts', 'deploy', 'crds']) symlinkSync(join(checkout, each), join(folder, each));
  const program = join(folder, 'reindeer');
  writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${join(checkout, 'src', 'bin', 'cli.ts')} "$@"\n`);
  chmodSync(program, 0o755);
  copyFileSync(bed.kubeconfig, join(folder, 'kubeconfig'));
  await run([join(bed.binaries, 'kubectl'), 'config', 'set-context', '--current', '--namespace', kubectl.namespace], {
    env: { KUBECONFIG: join(folder, 'kubeconfig') },
  });
  return folder;
}

function shell({ bed }: Cluster, folder: string): Readonly<Record<string, string>> {
  return {
    PATH: [folder, bed.binaries, process.env['PATH'] ?? ''].join(delimiter),
    KUBECONFIG: join(folder, 'kubeconfig'),
    ENGINE: bed.engine.url,
    ...engineVariables(bed.engine),
    GIT_SSL_CAINFO: bed.git.caFile,
    NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
  };
}
