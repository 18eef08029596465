import type { KubeObject } from '../api/object.ts';

/** One page of a list, as the API server sends it. */
export type ListPage = {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items?: readonly KubeObject[];
};

/** One line of a watch. `object` of an ERROR is a Status instead. */
export type WatchEvent = { readonly type: string; readonly object: KubeObject };

/** What the server remembers does not reach back to our version: only a new list helps. */
export class ExpiredError extends Error {
  override readonly name = 'ExpiredError';
}

/** The API server wrote the line; an unreadable one means that an event is lost, and only a list finds it again. */
export const parseEvent = (line: string): WatchEvent => {
  try {
    return JSON.parse(line) as WatchEvent;
  } catch (error) {
    throw new ExpiredError('an event could not be read', { cause: error });
  }
};

/** The same bytes; `alive` is called for each chunk of them. */
export async function* heard(
  bytes: AsyncIterable<Uint8Array>,
  alive: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of bytes) {
    alive();
    yield chunk;
  }
}
