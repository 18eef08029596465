import { isDeepStrictEqual } from 'node:util';
import { ConflictError, RetryableError } from '../domain/errors.ts';
import type { Documents, Stand, Stored } from './port.ts';

/** One document that several programs change. */
export type Place = { readonly documents: Documents; readonly index: string; readonly id: string };

/** How often a change is tried against others before ConflictError. */
export const maxTries = 10;

/** As `documents.create`, with a lost reply resolved by reading: what stands there decides. */
export async function createAt(place: Place, source: object): Promise<Stand | 'exists'> {
  try {
    return await place.documents.create(place.index, place.id, source);
  } catch (error) {
    const found = await readAfter(error, place);
    return isDeepStrictEqual(found.source, asStored(source)) ? found.stand : 'exists';
  }
}

/**
 * As `documents.replace`, with a lost reply resolved by reading. Where another write than ours stands there now, it may
 * have come before ours or have built upon it: nobody can tell, so the failure goes on to the caller, who looks again.
 */
export async function replaceAt(place: Place, source: object, expected: Stand): Promise<Stand | 'conflict'> {
  try {
    return await place.documents.replace(place.index, place.id, source, expected);
  } catch (error) {
    const found = await readAfter(error, place);
    if (isDeepStrictEqual(found.stand, expected)) throw error;
    if (!isDeepStrictEqual(found.source, asStored(source))) throw error;
    return found.stand;
  }
}

/** What stands there after a write that may or may not have been carried out; where nothing does, the failure goes on. */
async function readAfter(error: unknown, place: Place): Promise<Stored<unknown>> {
  if (!(error instanceof RetryableError)) throw error;
  const found = await place.documents.get<unknown>(place.index, place.id);
  if (found === undefined) throw error;
  return found;
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
