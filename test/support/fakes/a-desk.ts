import type { Command } from 'commander';
import { indexedRepoResource } from '../../../src/api/indexed-repo.ts';
import { apiVersion } from '../../../src/api/meta.ts';
import type { KubeObject, NewObject, Resource } from '../../../src/api/object.ts';
import { reindexRequestResource } from '../../../src/api/reindex-request.ts';
import type { ClusterFlags } from '../../../src/cli/people/context.ts';
import { createScreen } from '../../../src/cli/people/screen.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { tellFailure } from '../../../src/cli/tell-failure.ts';
import type { Kube } from '../../../src/kube/port.ts';
import { tellable } from '../../../src/reading/refusal.ts';
import { FakeKube } from './fake-kube.ts';
import { handClock, type HandClock } from './hand-clock.ts';

export type Said = { readonly exitCode: number; readonly out: readonly string[]; readonly err: readonly string[] };

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
    reindeer: async (args, on = kube) => {
      const [out, err]: [string[], string[]] = [[], []];
      const output = {
        line: (text: string) => void out.push(text),
        note: (text: string) => void err.push(text),
        progress: () => undefined,
      };
      const screen = createScreen({ write: text => drawn.push(text), isTTY, columns: 120, rows: 10 });
      let exitCode = 0;
      const desk = { kube: on, trial, namespace, clock, signal: interrupt.signal };
      const program = createProgram(
        async () => {
          throw new Error('a verb for people asked for an engine');
        },
        async (flags, verb) => {
          last = flags;
          try {
            exitCode = await verb({ desk, output, screen, format: flags.output, isDryRun: flags.dryRun === 'server' });
          } catch (error) {
            throw tellable(error, namespace);
          }
        },
      );
      quiet(program, text => void err.push(text));
      try {
        await program.parseAsync([...args], { from: 'user' });
      } catch (error) {
        exitCode = tellFailure(error, { output, redact: text => text });
      }
      return { exitCode, out, err };
    },
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

function quiet(command: Command, write: (text: string) => unknown): void {
  command.configureOutput({ writeOut: write, writeErr: write });
  for (const each of command.commands) quiet(each, write);
}
