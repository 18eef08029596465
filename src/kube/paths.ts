import type { Key, Resource } from '../api/object.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

const segment = encodeURIComponent;

/** A path that has no query yet, with the parameters that are given. */
export const withQuery = (path: string, query: Query): string => {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  return given.size === 0 ? path : `${path}?${given.toString()}`;
};

/** Path of a kind's collection; an empty namespace means all of them. */
export const collectionPath = (resource: Resource, namespace: string, query: Query = {}): string => {
  const root = resource.group === '' ? '/api' : `/apis/${resource.group}`;
  const scope = namespace === '' ? '' : `/namespaces/${segment(namespace)}`;
  return withQuery(`${root}/${resource.version}${scope}/${resource.plural}`, query);
};

/** Path of one object, or of a subresource of it. */
export const objectPath = (resource: Resource, key: Key, subresource?: 'status'): string => {
  const path = `${collectionPath(resource, key.namespace)}/${segment(key.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
};
