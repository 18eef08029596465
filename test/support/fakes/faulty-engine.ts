import { RetryableError } from '../../../src/domain/errors.ts';
import { LostReplyError, outOfTime } from '../../../src/engine/errors.ts';
import type { Engine } from '../../../src/engine/port.ts';

/** What becomes of one call: `lose-reply` carries it out and then fails, `lose-request` fails before. */
export type Fault = 'none' | 'lose-reply' | 'lose-request';

/** "documents.replace", "aliases.update", ... with the arguments of the call. */
export type EngineCall = { readonly name: string; readonly args: readonly unknown[] };

/** An engine whose calls meet the faults that `decide` names; every failure is RetryableError(EngineUnavailable). */
export function faultyEngine(engine: Engine, decide: (call: EngineCall) => Fault): Engine {
  return interceptedEngine(engine, async (call, carryOut) => {
    const fault = decide(call);
    if (fault === 'lose-request') throw gone(call);
    const result = await carryOut();
    if (fault === 'lose-reply') throw gone(call);
    return result;
  });
}

/** What becomes of a call: it is carried out or not, and answers or throws. */
export type Intercept = (call: EngineCall, carryOut: () => Promise<unknown>) => Promise<unknown>;

/** An engine all of whose calls, but for the first question and the last farewell, go through `intercept`. */
export function interceptedEngine(engine: Engine, intercept: Intercept): Engine {
  return {
    indices: intercepted(engine.indices, 'indices', intercept),
    aliases: intercepted(engine.aliases, 'aliases', intercept),
    documents: intercepted(engine.documents, 'documents', intercept),
    views: intercepted(engine.views, 'views', intercept),
    cluster: intercepted(engine.cluster, 'cluster', intercept),
    info: () => engine.info(),
    within: leftMs => limitedEngine(interceptedEngine(engine.within(leftMs), intercept), leftMs),
    close: () => engine.close(),
  };
}

/** Calls that are asked when nothing is left are not carried out, and an answer that comes later than that is lost. */
export function limitedEngine(engine: Engine, leftMs: () => number): Engine {
  return interceptedEngine(engine, async ({ name }, carryOut) => {
    if (leftMs() <= 0) throw outOfTime(name);
    const result = await carryOut();
    if (leftMs() > 0) return result;
    // As the adapter says of a switch.
    if (name === 'aliases.update') return 'unconfirmed';
    throw new LostReplyError('EngineUnavailable', `${name}: the answer came too late`);
  });
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

function intercepted<T extends object>(role: T, prefix: string, intercept: Intercept): T {
  return new Proxy(role, {
    get(target, method, receiver) {
      const original: unknown = Reflect.get(target, method, receiver);
      if (typeof original !== 'function') return original;
      return async (...args: unknown[]): Promise<unknown> => {
        const call = { name: `${prefix}.${String(method)}`, args };
        return intercept(call, async () => (await Reflect.apply(original, target, args)) as unknown);
      };
    },
  });
}

function gone({ name }: EngineCall): RetryableError {
  return new RetryableError('EngineUnavailable', `the connection was lost during ${name}`);
}
