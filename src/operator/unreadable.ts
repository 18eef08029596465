import type { Condition } from '../api/meta.ts';
import type { Key, KubeObject, Resource } from '../api/object.ts';
import { setCondition } from '../domain/conditions.ts';
import type { Outcome, Reconciler } from '../kube/controller.ts';
import { writeStatus, type StatusWriter } from '../objects/status-writer.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';

type Unreadable = { readonly resource: Resource; readonly raw: KubeObject; readonly message: string };

/**
 * Objects whose stored spec this operator cannot parse: another release wrote them, or the CRD is not ours. Nothing is
 * done about them but to say so, in condition Stalled, reason InvalidSpec, of the object itself.
 */
export class UnreadableObjects {
  readonly #parts: StatusWriter & { readonly clock: Clock };
  readonly #known = new Map<string, Unreadable>();

  constructor(parts: StatusWriter & { readonly clock: Clock }) {
    this.#parts = parts;
  }

  note(resource: Resource, raw: KubeObject, message: string): void {
    this.#known.set(idOf(resource, raw.metadata), { resource, raw, message });
  }

  forget(resource: Resource, key: Key): void {
    this.#known.delete(idOf(resource, key));
  }

  /** Reconciles what can be read as before, and marks what cannot. */
  orElse(resource: Resource, reconcile: Reconciler): Reconciler {
    return async (key, log) => {
      const unreadable = this.#known.get(idOf(resource, key));
      return unreadable ? this.#mark(unreadable, log) : reconcile(key, log);
    };
  }

  async #mark({ resource, raw, message }: Unreadable, log: Logger): Promise<Outcome> {
    const { metadata } = raw;
    const status = (raw.status ?? {}) as { readonly conditions?: readonly Condition[] }; // ours, whichever release wrote it
    const stalled = { type: 'Stalled', status: 'True', reason: 'InvalidSpec', message } as const;
    const conditions = setCondition(status.conditions ?? [], stalled, this.#parts.clock.now(), metadata.generation);
    const marked = { ...status, observedGeneration: metadata.generation, conditions };
    await writeStatus(this.#parts, { resource, object: { metadata, status }, status: marked, log });
    return { is: 'done' };
  }
}

function idOf({ plural }: Resource, { namespace, name }: Key): string {
  return `${plural}/${namespace}/${name}`;
}
