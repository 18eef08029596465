import type { Owner } from './records.ts';

/** Who owns an alias, for people. Requests for a bare alias own it together, by their namespace. */
export function ownerName({ namespace, name }: Pick<Owner, 'namespace' | 'name'>): string {
  if (namespace === '') return name;
  return name === '' ? `the requests of namespace ${namespace}` : `IndexedRepo ${namespace}/${name}`;
}

/** No object declares the alias: requests copied it, those of a namespace being one owner. */
export function isBare({ namespace, name }: Pick<Owner, 'namespace' | 'name'>): boolean {
  return namespace !== '' && name === '';
}
