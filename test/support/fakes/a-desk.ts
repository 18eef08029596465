import { indexedRepoResource } from '../../../src/api/indexed-repo.ts';
import { apiVersion } from '../../../src/api/meta.ts';
import type { KubeObject, NewObject, Resource } from '../../../src/api/object.ts';
import { reindexRequestResource } from '../../../src/api/reindex-request.ts';
import type { ClusterFlags } from '../../../src/cli/people/context.ts';
import type { Kube } from '../../../src/kube/port.ts';
import { callForPeople, type Said } from '../real/people-program.ts';
import { FakeKube } from './fake-kube.ts';
import { handClock, type HandClock } from './hand-clock.ts';

/** The verbs for people on an API server in memory, namespace "shop", without a process. */
export type ADesk = {
  readonly kube: FakeKube;
  readonly clock: HandClock;
  readonly namespace: string;
  /** Ends what is at work as Ctrl-C does. */
  readonly interrupt: AbortController;
  /** What was drawn on the terminal. */
  readonly drawn: readonly string[];
  /** What was checked and not done. */
  readonly tried: readonly NewObject[];
  /** Flags that the last command was called with. */
  readonly flags: ClusterFlags;
  /** `on` stands before the API server. */
  reindeer(args: readonly string[], on?: Kube): Promise<Said>;
  request(name: string, spec?: object, status?: object): Promise<KubeObject>;
  repo(name: string, spec?: object, status?: object): Promise<KubeObject>;
  /** What the operator writes. */
  report(name: string, status: object): Promise<void>;
};

export function aDesk({ isTTY = false } = {}): ADesk {
  const drawn: string[] = [];
  const clock = handClock();
  const kube = new FakeKube(() => clock.now());
  const namespace = 'shop';
  const interrupt = new AbortController();
  let last: ClusterFlags = {};
  const tried: NewObject[] = [];
  const trial = new FakeKube(() => clock.now());
  const tryIt: Kube['create'] = trial.create.bind(trial);
  trial.create = async (resource, object) => {
    tried.push(object);
    return tryIt(resource, object);
  };
  const create = async (resource: Resource, name: string, spec: object, status: object): Promise<KubeObject> => {
    const metadata = { name, namespace };
    const made = await kube.create(resource, { apiVersion, kind: resource.kind, metadata, spec });
    if (made === 'exists') throw new Error(`${name} exists`);
    const told = await kube.patchStatus(resource, metadata, made.metadata.resourceVersion, status);
    if (told === 'gone') throw new Error(`${name} is gone`);
    return told;
  };
  return {
    kube,
    clock,
    namespace,
    interrupt,
    drawn,
    tried,
    get flags() {
      return last;
    },
    reindeer: async (args, on = kube) =>
      callForPeople(args, {
        isTTY,
        draw: text => drawn.push(text),
        deskFor: flags => {
          last = flags;
          return { kube: on, trial, namespace, clock, signal: interrupt.signal };
        },
      }),
    request: async (name, spec = {}, status = {}) => {
      const target = { repoRef: { name: 'kibana' } };
      return create(reindexRequestResource, name, { target, strategy: 'Rebuild', ...spec }, status);
    },
    repo: async (name, spec = {}, status = {}) => create(indexedRepoResource, name, { alias: name, ...spec }, status),
    report: async (name, status) => {
      const key = { namespace, name };
      const found = await kube.get(reindexRequestResource, key);
      await kube.patchStatus(reindexRequestResource, key, found?.metadata.resourceVersion ?? '', status);
    },
  };
}
