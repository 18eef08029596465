import { RetryableError } from '../../../src/domain/errors.ts';
import type { Engine } from '../../../src/engine/port.ts';

/** What becomes of one call: `lose-reply` carries it out and then fails, `lose-request` fails before. */
export type Fault = 'none' | 'lose-reply' | 'lose-request';

/** "documents.replace", "aliases.update", ... with the arguments of the call. */
export type EngineCall = { readonly name: string; readonly args: readonly unknown[] };

/** An engine whose calls meet the faults that `decide` names; every failure is RetryableError(EngineUnavailable). */
export function faultyEngine(engine: Engine, decide: (call: EngineCall) => Fault): Engine {
  return {
    indices: faulty(engine.indices, 'indices', decide),
    aliases: faulty(engine.aliases, 'aliases', decide),
    documents: faulty(engine.documents, 'documents', decide),
    info: () => engine.info(),
    close: () => engine.close(),
  };
}

/** Loses the reply of the first call with this name, once. */
export function losingReplyOf(name: string): (call: EngineCall) => Fault {
  let lost = false;
  return call => {
    if (lost || call.name !== name) return 'none';
    lost = true;
    return 'lose-reply';
  };
}

/** Loses the first requests with this name, as many as that. */
export function losingRequests(name: string, count: number): (call: EngineCall) => Fault {
  let left = count;
  return call => {
    if (call.name !== name || left === 0) return 'none';
    left -= 1;
    return 'lose-request';
  };
}

function faulty<T extends object>(role: T, prefix: string, decide: (call: EngineCall) => Fault): T {
  return new Proxy(role, {
    get(target, method, receiver) {
      const original: unknown = Reflect.get(target, method, receiver);
      if (typeof original !== 'function') return original;
      return async (...args: unknown[]): Promise<unknown> => {
        const fault = decide({ name: `${prefix}.${String(method)}`, args });
        if (fault === 'lose-request') throw gone(prefix, method);
        const result: unknown = await Reflect.apply(original, target, args);
        if (fault === 'lose-reply') throw gone(prefix, method);
        return result;
      };
    },
  });
}

function gone(prefix: string, method: string | symbol): RetryableError {
  return new RetryableError('EngineUnavailable', `the connection was lost during ${prefix}.${String(method)}`);
}
