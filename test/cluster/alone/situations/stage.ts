import { randomBytes } from 'node:crypto';
import type { Engine } from '../../../../src/engine/port.ts';
import type { BedState } from '../../../bed/state.ts';
import type { ClusterView } from '../../../support/checks/cluster-view.ts';
import { condition } from '../../../support/checks/cluster-view.ts';
import { aNamespace, anIndexedRepo } from '../../../support/real/installed.ts';
import type { Kubectl } from '../../../support/real/kubectl.ts';

const minutes = 60_000;
/** Every situation has its first build at once: none waits behind another, for the limit or for room on the one node. */
const heavyRuns = 20;
const heavy = { resources: { requests: { cpu: '50m', memory: '128Mi' } } };

/** What all situations share. */
export type Ground = {
  readonly bed: BedState;
  readonly engine: Engine;
  readonly view: ClusterView;
  /** Path of the one repository on the bed's Git server that all of them index. */
  readonly path: string;
};

/** One situation's own namespace, settings index and alias. */
export type Stage = Ground & {
  readonly kubectl: Kubectl;
  readonly settingsIndex: string;
  /** Of the IndexedRepo and of its alias. */
  readonly name: string;
  /** Declares the IndexedRepo, or declares it anew: what is left out goes. */
  declare(spec?: object): Promise<void>;
  /** Waits until the alias serves and nothing is being built. */
  served(): Promise<number>;
  remove(): Promise<void>;
};

/** `spec` is what the SearchCluster has besides. */
export async function aStage(ground: Ground, topic: string, spec: object = {}): Promise<Stage> {
  const { bed, view, engine, path } = ground;
  const name = `${topic}-${randomBytes(3).toString('hex')}`;
  const settingsIndex = `settings-${name}`;
  const kubectl = await aNamespace(bed, `on-${name}`, { settingsIndex, limits: { heavyRuns }, ...spec });
  const repo = { kind: 'IndexedRepo', namespace: kubectl.namespace, name };
  return {
    ...ground,
    kubectl,
    settingsIndex,
    name,
    declare: async (more = {}) =>
      kubectl.apply(
        anIndexedRepo(bed, name, { path, deletionPolicy: 'Delete', light: { schedule: '@every 1m' }, heavy, ...more }),
      ),
    served: () =>
      view.until(
        `${name} serves`,
        repo,
        5 * minutes,
        seen => condition(seen, 'Ready')?.reason === 'Live' && condition(seen, 'Reconciling')?.status === 'False',
      ),
    remove: async () => {
      await kubectl.run(['delete', 'namespace', kubectl.namespace, '--wait=true', '--timeout=120s']);
      await engine.indices.delete(settingsIndex);
    },
  };
}
