import { dump } from 'js-yaml';
import { join } from 'node:path';
import { run } from '../../bed/command.ts';
import type { BedState } from '../../bed/state.ts';

export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
};

type Conditioned = {
  readonly metadata: { readonly name: string; readonly uid: string; readonly generation: number };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
    readonly [field: string]: unknown;
  };
};

/** `kubectl` on a bed, in one namespace: tests and the demonstration do what a user does, with the user's tool. */
export class Kubectl {
  readonly #bed: BedState;
  readonly namespace: string;

  constructor(bed: BedState, namespace: string) {
    this.#bed = bed;
    this.namespace = namespace;
  }

  async run(args: readonly string[], input = ''): Promise<string> {
    const command = [join(this.#bed.binaries, 'kubectl'), '--namespace', this.namespace, ...args];
    return run(command, { env: { KUBECONFIG: this.#bed.kubeconfig }, input });
  }

  async apply(...manifests: readonly Manifest[]): Promise<void> {
    await this.run(
      ['apply', '--server-side', '--field-manager=test', '-f', '-'],
      manifests.map(each => dump(each, { skipInvalid: true })).join('---\n'),
    );
  }

  async patch(kind: string, name: string, patch: object): Promise<void> {
    await this.run(['patch', kind, name, '--type=merge', '-p', JSON.stringify(patch)]);
  }

  /** Undefined when there is none. */
  async get<T = Conditioned>(kind: string, name: string): Promise<T | undefined> {
    const text = await this.run(['get', kind, name, '--ignore-not-found', '-o', 'json']);
    return text === '' ? undefined : (JSON.parse(text) as T);
  }

  async list<T = Conditioned>(kind: string, selector = ''): Promise<readonly T[]> {
    const text = await this.run(['get', kind, '-o', 'json', ...(selector === '' ? [] : ['-l', selector])]);
    return (JSON.parse(text) as { items: T[] }).items;
  }

  /** What there is and what happened, for the message of a test that waited in vain. */
  async overview(): Promise<string> {
    const objects = await this.run(['get', 'irepo,rreq,scluster,jobs,pods', '-o', 'wide']);
    return `${objects}\n${await this.run(['get', 'events', '--sort-by=.lastTimestamp'])}`;
  }

  /** Waits as a user would; on failure the message holds what the object says of itself. */
  async waitFor(kind: string, name: string, condition: string, seconds: number): Promise<void> {
    try {
      await this.run(['wait', `--for=condition=${condition}`, `${kind}/${name}`, `--timeout=${seconds}s`]);
    } catch (error) {
      const state = await this.overview();
      const said = await this.run(['get', kind, name, '-o', 'yaml', '--show-managed-fields=false']);
      throw new Error(`${kind}/${name} never became ${condition}\n${state}\n${said}`, { cause: error });
    }
  }
}
