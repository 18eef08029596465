import type { Engine } from '../../../src/engine/port.ts';
import type { EngineCall } from './faulty-engine.ts';

export type PausableEngine = {
  readonly engine: Engine;
  /** Resolves when the call was met. */
  readonly paused: Promise<undefined>;
  resume(): void;
};

/**
 * The engine as a process sees it that is stopped at one call, as by SIGSTOP, and goes on later: from that call on none is
 * carried out before `resume`. `redirect` may change where a bulk goes.
 */
export function pausableEngine(
  engine: Engine,
  isPauseAt: (call: EngineCall) => boolean,
  redirect: (target: { readonly target: string; readonly requireAlias: boolean }) => typeof target = same => same,
): PausableEngine {
  const stopped = Promise.withResolvers<undefined>();
  const resumed = Promise.withResolvers<undefined>();
  let isStopped = false;
  const pass = async (name: string, args: readonly unknown[]): Promise<void> => {
    if (!isStopped && isPauseAt({ name, args })) {
      isStopped = true;
      stopped.resolve(undefined);
    }
    if (isStopped) await resumed.promise;
  };
  const role = <T extends object>(target: T, prefix: string): T =>
    new Proxy(target, {
      get(of, method, receiver) {
        const original = Reflect.get(of, method, receiver) as (...args: unknown[]) => unknown;
        return async (...args: unknown[]): Promise<unknown> => {
          await pass(`${prefix}.${String(method)}`, args);
          return Reflect.apply(original, of, args);
        };
      },
    });
  const documents = role(engine.documents, 'documents');
  return {
    engine: {
      ...engine,
      within: leftMs => pausableEngine(engine.within(leftMs), isPauseAt, redirect).engine,
      indices: role(engine.indices, 'indices'),
      aliases: role(engine.aliases, 'aliases'),
      views: role(engine.views, 'views'),
      documents: {
        get: (index, id) => documents.get(index, id),
        getAll: (index, ids, fields) => documents.getAll(index, ids, fields),
        create: (index, id, source) => documents.create(index, id, source),
        replace: (index, id, source, expected) => documents.replace(index, id, source, expected),
        search: (index, body) => documents.search(index, body),
        bulk: (ndjson, to) => documents.bulk(ndjson, redirect(to)),
      },
    },
    paused: stopped.promise,
    resume: () => resumed.resolve(undefined),
  };
}
