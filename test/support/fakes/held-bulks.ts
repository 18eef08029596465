import { isVersionBulk } from '../checks/bulk-lines.ts';
import type { HttpFaultProxy } from '../real/http-fault-proxy.ts';

/** Holds back a worker in the middle of its writes, for as long as a test needs. */
export type HeldBulks = {
  /** Resolves when a worker has come to its writes. */
  readonly reached: Promise<void>;
  readonly release: () => void;
};

export function holdBulks(wire: HttpFaultProxy, index: string): HeldBulks {
  const reached = Promise.withResolvers<undefined>();
  const released = Promise.withResolvers<undefined>();
  const others = wire.fate;
  wire.fate = async exchange => {
    if (isVersionBulk(exchange) && exchange.path.startsWith(`/${index}.`)) {
      reached.resolve(undefined);
      await released.promise;
    }
    return others(exchange);
  };
  return { reached: reached.promise, release: () => released.resolve(undefined) };
}
