import type { Resource } from '../api/object.ts';

/** `apiVersion` of objects of this kind. */
export const apiVersionOf = (resource: Resource): string =>
  resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;

/** The form of a MicroTime field; the clock itself has milliseconds. */
export const microTime = (time: Date): string => time.toISOString().replace('Z', '000Z');
