import { isDeepStrictEqual } from 'node:util';
import { ConflictError, RetryableError } from '../domain/errors.ts';
import type { Documents, Stand } from './port.ts';

/** One document that several programs change. */
export type Place = { readonly documents: Documents; readonly index: string; readonly id: string };

/** How often a change is tried against others before ConflictError. */
export const maxTries = 10;

/** As `documents.create`, with a lost reply resolved by reading: what stands there decides. */
export async function createAt(place: Place, source: object): Promise<Stand | 'exists'> {
  try {
    return await place.documents.create(place.index, place.id, source);
  } catch (error) {
    return (await standOfOurs(place, source, undefined, error)) ?? 'exists';
  }
}

/** As `documents.replace`, with a lost reply resolved by reading. */
export async function replaceAt(place: Place, source: object, expected: Stand): Promise<Stand | 'conflict'> {
  try {
    return await place.documents.replace(place.index, place.id, source, expected);
  } catch (error) {
    return (await standOfOurs(place, source, expected, error)) ?? 'conflict';
  }
}

/**
 * After a failed write: the stand of the document if it is what we wrote, undefined if somebody else's write stands
 * there. Where nothing was written the failure goes on to the caller: the write may still be under way.
 */
async function standOfOurs(
  place: Place,
  source: object,
  before: Stand | undefined,
  error: unknown,
): Promise<Stand | undefined> {
  if (!(error instanceof RetryableError)) throw error;
  const found = await place.documents.get<unknown>(place.index, place.id);
  if (found === undefined || isDeepStrictEqual(found.stand, before)) throw error;
  return isDeepStrictEqual(found.source, asStored(source)) ? found.stand : undefined;
}

function asStored(source: object): unknown {
  return JSON.parse(JSON.stringify(source));
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
