import { objectSizes } from '../../../git/objects.ts';
import type { Repository } from '../../../git/repository.ts';
import type { PlanFile, PlannedChange } from './plan-file.ts';

/** Names of objects asked for in one request. */
const requestSize = 50_000;

/**
 * Gives every change that needs content the size of that content, bringing what is not here yet. Afterwards `to` holds
 * all changes of `from`.
 */
export async function withSizes(from: PlanFile, to: PlanFile, repository: Repository): Promise<void> {
  if (await copyWithSizes(from, to, repository)) return;
  await copyWithSizes(from, to, repository);
}

/** False when something had to be brought: its size is only known the next time. */
async function copyWithSizes(from: PlanFile, to: PlanFile, repository: Repository): Promise<boolean> {
  const missing = new Missing(repository);
  await to.write(sized(from, repository, missing));
  await missing.bring();
  return missing.count === 0 || repository.missingBlob === 'too-large';
}

async function* sized(from: PlanFile, repository: Repository, missing: Missing): AsyncGenerator<PlannedChange> {
  const sizes = objectSizes(repository.store, neededOids(from));
  try {
    for await (const { change } of from.read()) {
      if (change.do !== 'put' || change.judged !== 'read') {
        yield { change };
        continue;
      }
      const next = await sizes.next();
      const sizeBytes = next.done === true ? undefined : next.value.sizeBytes;
      if (sizeBytes === undefined) await missing.add(change.oid);
      yield { change, ...(sizeBytes !== undefined && { sizeBytes }) };
    }
  } finally {
    await sizes.return(undefined);
  }
}

async function* neededOids(from: PlanFile): AsyncGenerator<string> {
  for await (const { change } of from.read()) if (change.do === 'put' && change.judged === 'read') yield change.oid;
}

/** Objects that are not here, brought some ten thousand at a time. */
class Missing {
  readonly #repository: Repository;
  #oids: string[] = [];
  #count = 0;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  get count(): number {
    return this.#count;
  }

  async add(oid: string): Promise<void> {
    this.#count += 1;
    this.#oids.push(oid);
    if (this.#oids.length >= requestSize) await this.bring();
  }

  async bring(): Promise<void> {
    const oids = this.#oids;
    this.#oids = [];
    await this.#repository.bring(oids);
  }
}
