import type { Engine } from '../../../src/engine/port.ts';
import type { IndexedVersion } from '../real/an-indexed-version.ts';

/** The process is gone: from this moment nothing that it calls has an effect. */
class Killed extends Error {}

export type Kill = {
  readonly at: number;
  readonly when: 'before' | 'after';
  /** Absent: run records count as well. */
  readonly counted?: 'documents';
};

/** The engine as a process sees it that is killed at its nth write of documents, or right after it was carried out. */
export function untilKilled(engine: Engine, kill: Kill): { readonly engine: Engine; readonly isDead: () => boolean } {
  let bulks = 0;
  let dead = false;
  const alive = <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      if (dead) throw new Killed();
      const result = await call(...args);
      if (dead) throw new Killed();
      return result;
    };
  };
  const wrap = <T extends object>(port: T): T =>
    Object.fromEntries(Object.entries(port).map(([name, call]) => [name, alive(call as never)])) as T;
  const documents = wrap(engine.documents);
  const bulk: Engine['documents']['bulk'] = async (...args) => {
    // Records are written without an alias.
    if (kill.counted === undefined || args[1].requireAlias) bulks += 1;
    const isLast = bulks === kill.at;
    if (isLast && kill.when === 'before') dead = true;
    if (dead) throw new Killed();
    const reply = await engine.documents.bulk(...args);
    if (isLast) dead = true;
    if (dead) throw new Killed();
    return reply;
  };
  const wrapped = {
    ...engine,
    indices: wrap(engine.indices),
    aliases: wrap(engine.aliases),
    documents: { ...documents, bulk },
  };
  return { engine: wrapped, isDead: () => dead };
}

/** What a challenger does after it saw the dead writer's record stand still for a whole lease. */
export async function expireLease({
  settings,
  alias,
  index,
}: Pick<IndexedVersion, 'settings' | 'alias' | 'index'>): Promise<void> {
  const of = { of: 'version', alias, index } as const;
  const challenger = { kind: 'External', name: 'challenger', uid: 'challenger', pod: '' } as const;
  const options = { leaseSeconds: 15, tokenFloor: 0 };
  const seen = await settings.acquire(of, challenger, options);
  const taken = seen.is === 'held' ? await settings.takeOver(of, challenger, seen, options) : seen;
  await settings.release(of, challenger, taken.lease.token);
}
