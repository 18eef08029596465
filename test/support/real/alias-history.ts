import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './a-cluster.ts';

/** What was seen of an alias, from the first look to the last, each change once. */
export type AliasHistory = {
  /** What it served, such as `kibana-v1`; '' = nothing. */
  readonly served: readonly string[];
  /** Who held its lock, by uid, with the token of the grant. */
  readonly holders: readonly { readonly token: number; readonly uid: string }[];
};

const everyMs = 200;

/** Looks at aliases and their locks again and again, as any reader may, until it is stopped. */
export function watchAliases(
  { engine, settings }: Pick<Cluster, 'engine' | 'settings'>,
  aliases: readonly string[],
): { stop(): Promise<Readonly<Record<string, AliasHistory>>> } {
  const seen = new Map(aliases.map(alias => [alias, { served: [] as string[], holders: [] as Holding[] }]));
  const look = async (alias: string): Promise<void> => {
    const [members, lock] = await Promise.all([engine.aliases.members(alias), settings.lockRecord(alias)]);
    const { served, holders } = seen.get(alias)!;
    const serves = members.map(({ index }) => index).join('+');
    if (served.at(-1) !== serves) served.push(serves);
    const { held = false, holder = null, token = 0 } = lock?.source.lease ?? {};
    const last = holders.at(-1);
    const uid = holder?.uid ?? '';
    if (held && (last?.token !== token || last.uid !== uid)) holders.push({ token, uid });
  };
  const stopped = new AbortController();
  const looking = (async () => {
    while (!stopped.signal.aborted) {
      await Promise.all(aliases.map(look));
      await sleep(everyMs);
    }
  })();
  return {
    stop: async () => {
      stopped.abort();
      await looking;
      return Object.fromEntries(seen);
    },
  };
}

type Holding = AliasHistory['holders'][number];

/** A grant has one holder, and each later one another, higher token. */
export function hasOneHolderEach({ holders }: AliasHistory): boolean {
  return holders.every(({ token }, at) => at === 0 || token > holders[at - 1]!.token);
}
