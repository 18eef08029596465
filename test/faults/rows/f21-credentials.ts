import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { KubeObject } from '../../../src/api/object.ts';
import { searchClusterResource, type SearchCluster } from '../../../src/api/search-cluster.ts';
import { httpsProbe } from '../../bed/https-probe.ts';
import { secret as newPassword } from '../../bed/secret.ts';
import { declareRepo } from '../../support/real/a-declared-repo.ts';
import { team, type ControlStage } from '../../support/real/control-stage.ts';
import { eventually } from '../../support/checks/eventually.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import type { FaultRecord } from '../../support/checks/fault-table.ts';

const noticedWithinMs = 60_000;
const recoversWithinMs = 30_000;
const secretResource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' } as const;

type Trouble = {
  readonly name: string;
  /** Reasons that say so. */
  readonly reasons: readonly string[];
  readonly spoil: (stage: ControlStage, names: Names) => Promise<void>;
  readonly mend: (stage: ControlStage, names: Names) => Promise<void>;
};

/** Of a SearchCluster of this row, the Secrets that it refers to, and the user that it works as. */
type Names = { readonly cluster: string; readonly login: string; readonly ca: string; readonly passwords: string[] };

const troubles: readonly Trouble[] = [
  {
    name: 'password rotated',
    reasons: ['AuthenticationFailed'],
    spoil: async (stage, names) => {
      names.passwords.push(newPassword());
      await putUser(stage, names);
    },
    mend: async (stage, names) => putLogin(stage, names),
  },
  {
    name: 'Secret deleted',
    reasons: ['SecretNotFound'],
    // A connection that works is not doubted; a refused password makes the operator read the Secret again.
    spoil: async (stage, names) => {
      await removeSecret(stage, names.login);
      names.passwords.push(newPassword());
      await putUser(stage, names);
    },
    mend: async (stage, names) => putLogin(stage, names),
  },
  {
    name: 'wrong CA',
    reasons: ['UnknownCA'],
    // Another Secret is named, because what is connected asks for no certificate any more.
    spoil: async (stage, { cluster, ca }) => {
      await putSecret(stage, `${ca}-other`, { 'ca.crt': stage.git.ca });
      const tls = { caSecretRef: { name: `${ca}-other` } };
      await stage.kube.patch(searchClusterResource, { namespace: team, name: cluster }, undefined, { spec: { tls } });
    },
    mend: async (stage, { ca }) =>
      putSecret(stage, `${ca}-other`, { 'ca.crt': readFileSync(stage.node.caFile, 'utf8') }),
  },
];

/** F21: what a SearchCluster logs in with is rotated, deleted and replaced by something wrong; no restart is needed. */
export const credentials: FaultRow<ControlStage> = {
  id: 'F21',
  fault: 'password rotated, Secret deleted, wrong CA',
  needsSecurity: true,
  withinMs: 240_000,
  run: async (stage, record) => {
    const repo = await declareRepo(stage, 'f21');
    await repo.untilLive(repo.commit);
    const observer = await repo.observed(record);
    const { pid } = stage.operator();
    const all = troubles.map((_, turn) => namesOf(turn));
    // Beside each other, because most of it is waiting until the operator looks again.
    await Promise.all(troubles.map(async (trouble, turn) => play(stage, record, trouble, all[turn]!)));
    expect(stage.operator()).toMatchObject({ pid, hasEnded: false });
    await observer.stop();
    const said = stage.printed();
    for (const { cluster, passwords } of all)
      for (const password of passwords) {
        expect(said).not.toContain(password);
        expect(said).not.toContain(Buffer.from(`${cluster}:${password}`).toString('base64'));
      }
  },
};

function namesOf(turn: number): Names {
  const cluster = `f21-${turn}`;
  return { cluster, login: `${cluster}-login`, ca: `${cluster}-ca`, passwords: [newPassword()] };
}

async function play(stage: ControlStage, record: FaultRecord, trouble: Trouble, names: Names): Promise<void> {
  await putUser(stage, names);
  await putLogin(stage, names);
  await putSecret(stage, names.ca, { 'ca.crt': readFileSync(stage.node.caFile, 'utf8') });
  await stage.kube.create(searchClusterResource, {
    apiVersion: 'reindeer.dev/v1alpha1',
    kind: 'SearchCluster',
    metadata: { name: names.cluster, namespace: team },
    spec: {
      endpoints: [stage.engineWire.url],
      auth: { basic: { secretRef: { name: names.login } } },
      tls: { caSecretRef: { name: names.ca } },
    },
  });
  await untilReady(stage, names, ['True'], [], noticedWithinMs);
  record.attempt();
  await trouble.spoil(stage, names);
  record.inject();
  await untilReady(stage, names, ['False', 'Unknown'], trouble.reasons, noticedWithinMs);
  const mendedMs = performance.now();
  await trouble.mend(stage, names);
  await untilReady(stage, names, ['True'], [], recoversWithinMs);
  record.recovered(performance.now() - mendedMs);
  record.remark(trouble.name);
}

async function untilReady(
  { kube, operator }: ControlStage,
  { cluster }: Names,
  statuses: readonly string[],
  reasons: readonly string[],
  withinMs: number,
): Promise<void> {
  let last: SearchCluster | undefined;
  await eventually(
    `${cluster}: Ready ${statuses.join(' or ')} ${reasons.join(' or ')}`,
    withinMs,
    async () => {
      last = await kube.get<SearchCluster>(searchClusterResource, { namespace: team, name: cluster });
      const ready = last?.status?.conditions?.find(({ type }) => type === 'Ready');
      if (ready === undefined || !statuses.includes(ready.status)) return false;
      return reasons.length === 0 || reasons.includes(ready.reason);
    },
    () => ({ status: last?.status, operator: operator().output.slice(-1500) }),
  );
}

/** Makes the user of the engine, or gives it its newest password. */
async function putUser({ node }: ControlStage, { cluster, passwords }: Names): Promise<void> {
  const password = passwords.at(-1) ?? '';
  node.putUser(cluster, password);
  const options = { caFile: node.caFile, basic: { username: cluster, password } };
  await eventually('the engine knows the password', 60_000, async () => {
    return (await httpsProbe(`${node.url}/_cluster/health`, options)).status === 200;
  });
}

async function putLogin(stage: ControlStage, { cluster, login, passwords }: Names): Promise<void> {
  await putSecret(stage, login, { username: cluster, password: passwords.at(-1) ?? '' });
}

async function putSecret({ kube }: ControlStage, name: string, stringData: Record<string, string>): Promise<void> {
  const key = { namespace: team, name };
  if ((await kube.patch(secretResource, key, undefined, { stringData })) !== 'gone') return;
  await kube.create(secretResource, { apiVersion: 'v1', kind: 'Secret', metadata: key, stringData });
}

async function removeSecret({ kube }: ControlStage, name: string): Promise<void> {
  const key = { namespace: team, name };
  const found = await kube.get<KubeObject>(secretResource, key);
  await kube.delete(secretResource, key, found?.metadata.uid ?? '');
}
