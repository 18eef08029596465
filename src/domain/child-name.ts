import { createHash } from 'node:crypto';

/** Whose child it is, what tells it from other children of the same object, and whether its pods are hosts by its name. */
export type ChildOf = {
  readonly parent: string;
  /** Absent: the only kind of child there is, as with the requests of an IndexedRepo. */
  readonly kind?: 'light';
  /** The pods of an Indexed Job: a host has no dots. */
  readonly pods?: 'AreHosts';
};

/** Leaves room for the number of a pod (`-255`) in the 63 characters of a host. */
const longest = 58;
const hashLength = 10;

/** The first characters of a name, without what a cut may leave at their end: no label may end in a dot or a hyphen (RFC 1123). */
export function nameStem(name: string, most: number): string {
  return name.slice(0, most).replace(/[-.]+$/, '');
}

/**
 * A name that is the same whenever the same thing is meant, so that a crash cannot make two: `{parent}[-{kind}]-{hash}`.
 * The parent is cut before anything is appended.
 */
export function childName({ parent, kind, pods }: ChildOf, ...cause: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(cause)).digest('hex').slice(0, hashLength);
  const suffix = kind === undefined ? `-${hash}` : `-${kind}-${hash}`;
  const stem = pods === 'AreHosts' ? parent.replaceAll('.', '-') : parent;
  return `${nameStem(stem, longest - suffix.length)}${suffix}`;
}

/** Label values are cut to what Kubernetes allows. */
export function labelValue(text: string): string {
  return text.slice(0, 63).replace(/[^A-Za-z0-9]+$/, '');
}
