import { isDeepStrictEqual } from 'node:util';
import { ConflictError, RetryableError } from '../domain/errors.ts';
import { BlockedError } from '../engine/errors.ts';
import type { Documents, Stand } from '../engine/port.ts';

/** One document that several programs change. */
export type Place = { readonly documents: Documents; readonly index: string; readonly id: string };

/** How often a change is tried against others before ConflictError. */
export const maxTries = 10;

/** How often a write is tried that was not carried out, as reading shows each time. */
export const maxSendings = 3;

/** As `documents.create`, with a lost reply resolved by reading: what stands there decides. */
export async function createAt(place: Place, source: object): Promise<Stand | 'exists'> {
  const { documents, index, id } = place;
  let lost: RetryableError | undefined;
  for (let sendings = 1; ; sendings += 1) {
    const answer = await orLost(documents.create(index, id, source));
    if (answer instanceof RetryableError) lost = answer;
    else if (answer !== 'exists' || lost === undefined) return answer;
    const found = await documents.get<unknown>(index, id);
    if (found !== undefined) return isSame(found.source, source) ? found.stand : 'exists';
    if (sendings === maxSendings) throw lost;
  }
}

/**
 * As `documents.replace`, with a lost reply resolved by reading. What stands there unmoved is written again: of two writes
 * that expect the same stand only one is ever carried out, whenever they arrive. Where another write than ours stands there
 * now, it may have come before ours or have built upon it: nobody can tell, so the failure goes on to the caller, who looks
 * again.
 */
export async function replaceAt(place: Place, source: object, expected: Stand): Promise<Stand | 'conflict'> {
  const { documents, index, id } = place;
  let lost: RetryableError | undefined;
  for (let sendings = 1; ; sendings += 1) {
    const answer = await orLost(documents.replace(index, id, source, expected));
    if (answer instanceof RetryableError) lost = answer;
    else if (answer !== 'conflict' || lost === undefined) return answer;
    const found = await documents.get<unknown>(index, id);
    const isUnmoved = isDeepStrictEqual(found?.stand, expected);
    if (found !== undefined && !isUnmoved && isSame(found.source, source)) return found.stand;
    if (!isUnmoved || sendings === maxSendings) throw lost;
  }
}

/** The answer, or the failure after which nobody knows whether the write was carried out. */
async function orLost<T>(write: Promise<T>): Promise<T | RetryableError> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof RetryableError && !(error instanceof BlockedError)) return error;
    throw error;
  }
}

function isSame(stored: unknown, source: object): boolean {
  return isDeepStrictEqual(stored, JSON.parse(JSON.stringify(source)));
}

/**
 * Reads, changes and writes until nobody was faster: at most {@link maxTries}, then ConflictError. `change` is pure and
 * may be called again; a change that changes nothing writes nothing. ConflictError as well when there is no document.
 */
export async function changeAt<T extends object>(
  place: Place,
  parse: (source: unknown) => T,
  change: (value: T) => T,
): Promise<T> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const found = await place.documents.get<unknown>(place.index, place.id);
    if (found === undefined) throw new ConflictError(`${place.id} is not in ${place.index}`);
    const value = parse(found.source);
    const next = change(value);
    if (isDeepStrictEqual(next, value)) return value;
    if ((await replaceAt(place, next, found.stand)) !== 'conflict') return next;
  }
  throw new ConflictError(`${place.id} was changed by others ${maxTries} times in a row`);
}
