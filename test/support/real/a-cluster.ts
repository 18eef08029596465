import { randomBytes } from 'node:crypto';
import type { Engine } from '../../../src/engine/port.ts';
import type { Settings } from '../../../src/registry/port.ts';
import { settingsOn } from '../../../src/registry/settings.ts';
import { realHistory, type RealHistory } from '../../bed/real-history.ts';
import { readBedState, type BedState } from '../../bed/state.ts';
import { engineOf } from './bed-engine.ts';
import { eventually } from '../checks/eventually.ts';
import { aNamespace, installOperator } from './installed.ts';
import type { Kubectl } from './kubectl.ts';

/** One namespace on a bed with a node, the operator installed by its chart, and the engine as a test looks at it. */
export type Cluster = {
  readonly bed: BedState;
  readonly kubectl: Kubectl;
  readonly engine: Engine;
  readonly settings: Settings;
  readonly history: RealHistory;
  /** Removes the namespace and waits until it is gone: our finalizers must not hold it. */
  remove(): Promise<void>;
};

export type Repo = {
  readonly status?: {
    readonly live?: { readonly name: string; readonly commit?: string; readonly documents?: number };
    readonly retired?: readonly { readonly name: string }[];
    readonly light?: {
      readonly failures: number;
      readonly last?: { readonly job: string; readonly outcome: string; readonly reason: string; readonly to: string };
    };
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
  };
};

const usualSettingsIndex = 'reindeer-settings';

type Wanted = {
  /** Of its own for a test that asserts on all that is written there: others write to the usual one. */
  readonly settingsIndex?: string;
  readonly aliasLookSeconds?: number;
  /** In the place of the operator of this checkout. */
  readonly install?: (bed: BedState) => Promise<void>;
};

export async function aCluster(
  topic: string,
  { settingsIndex = usualSettingsIndex, install, ...values }: Wanted = {},
): Promise<Cluster> {
  const bed = readBedState();
  if (bed?.node === undefined) throw new Error('no bed of level 1 is up: npm run bed -- up');
  await (install ?? (each => installOperator(each, values)))(bed);
  const kubectl = await aNamespace(bed, `${topic}-${randomBytes(3).toString('hex')}`, { settingsIndex });
  const engine = engineOf(bed);
  return {
    bed,
    kubectl,
    engine,
    settings: settingsOn(engine, settingsIndex),
    history: await realHistory(async (_title, work) => work()),
    remove: async () => {
      await kubectl.run(['delete', 'namespace', kubectl.namespace, '--wait=true', '--timeout=120s']);
      if (settingsIndex !== usualSettingsIndex) await engine.indices.delete(settingsIndex);
      await engine.close();
    },
  };
}

type Looked = Pick<Cluster, 'kubectl'>;

/** Waits until the live version of a repository holds this commit. */
export async function untilLive({ kubectl }: Looked, name: string, commit: string, withinMs = 180_000): Promise<Repo> {
  let repo: Repo | undefined;
  await eventually(
    `${name} serves commit ${commit}`,
    withinMs,
    async () => {
      repo = await kubectl.get<Repo>('irepo', name);
      return repo?.status?.live?.commit === commit;
    },
    async () => `${JSON.stringify(repo?.status)}\n${await kubectl.overview()}`,
  );
  return repo!;
}

export async function untilCondition(
  { kubectl }: Looked,
  kind: string,
  name: string,
  wanted: { readonly type: string; readonly status: string; readonly reason?: string },
  withinMs = 90_000,
): Promise<string> {
  let seen: Repo | undefined;
  return eventually(
    `${kind}/${name}: ${wanted.type} ${wanted.status} ${wanted.reason ?? ''}`,
    withinMs,
    async () => {
      seen = await kubectl.get<Repo>(kind, name);
      const found = seen?.status?.conditions?.find(each => each.type === wanted.type);
      const holds = found?.status === wanted.status && (wanted.reason === undefined || found.reason === wanted.reason);
      return holds ? found.message || ' ' : undefined;
    },
    async () => `${JSON.stringify(seen?.status)}\n${await kubectl.overview()}`,
  );
}

/** Commit of a version tag of the history. */
export function commitOf({ history }: Pick<Cluster, 'history'>, tag: string): string {
  const found = history.commits.find(each => each.tag === tag);
  if (!found) throw new Error(`the history has no version ${tag}`);
  return found.commit;
}
