import type { z } from 'zod';
import type { KubeObject, ObjectMeta, Resource } from './object.ts';

/** A column of `kubectl get`. `wide` columns show with `-o wide` only. A date column must never hold a future time. */
export type Column = {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly path: string;
  readonly description: string;
  readonly wide?: boolean;
};

/** Everything that makes one kind: the CRD, the types and the parsers all come from this. */
export type Kind<Spec extends z.ZodType = z.ZodType, Status extends z.ZodObject = z.ZodObject> = {
  readonly resource: Resource;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** Heads `kubectl explain`. */
  readonly description: string;
  readonly columns: readonly Column[];
  /** What `--field-selector` takes beside the metadata, from Kubernetes 1.31 on. */
  readonly selectable?: readonly string[];
  readonly spec: Spec;
  readonly status: Status;
};

/** Read-only all the way down: specs and statuses come out of caches that others read too. */
export type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Field in keyof T]: Frozen<T[Field]> }
    : T;

export type ObjectOf<K extends Kind> = {
  readonly metadata: ObjectMeta;
  readonly spec: Frozen<z.output<K['spec']>>;
  /** Empty until the first reconcile. */
  readonly status: Frozen<Partial<z.output<K['status']>>>;
};

/** `invalid` = stored under another schema than ours, say by a newer operator; the message names each bad field. */
export type Read<T> =
  { readonly is: 'valid'; readonly object: T } | { readonly is: 'invalid'; readonly message: string };

/** Parses an object as the API server stores it: the spec strictly with defaults filled in, the status leniently. */
export function readObject<K extends Kind>(kind: K, object: KubeObject): Read<ObjectOf<K>> {
  const spec = kind.spec.safeParse(object.spec);
  if (!spec.success) return { is: 'invalid', message: problemsOf(spec.error, 'spec').join('; ') };
  const read = { metadata: object.metadata, spec: spec.data, status: readStatus(kind.status, object.status) };
  return { is: 'valid', object: read as ObjectOf<K> }; // the two schemas of `kind` made both halves
}

/** Each problem as `path: message`, with the path spelled as the API server spells it (`spec.endpoints[0]`). */
export function problemsOf(error: z.ZodError, root: string): readonly string[] {
  return error.issues.flatMap(issue => {
    const at = issue.path.reduce<string>(
      (path, part) => (typeof part === 'number' ? `${path}[${part}]` : `${path}.${String(part)}`),
      root,
    );
    if (issue.code !== 'unrecognized_keys') return [`${at}: ${issue.message}`];
    return issue.keys.map(key => `${at}.${key}: unknown field`);
  });
}

/** Field by field: one that an older or newer operator wrote in another shape is left out, the rest is kept. */
function readStatus(schema: z.ZodObject, status: unknown): Record<string, unknown> {
  if (typeof status !== 'object' || status === null) return {};
  const stored = new Map(Object.entries(status));
  const readable: Record<string, unknown> = {};
  for (const [field, fieldSchema] of Object.entries(schema.shape)) {
    const value = readField(fieldSchema as z.ZodType, stored.get(field)); // the core type of `shape` lacks the method
    if (value !== undefined) readable[field] = value;
  }
  return readable;
}

/** Of a list the entries that can be read: one bad condition must not take what the others say with it. */
function readField(schema: z.ZodType, stored: unknown): unknown {
  const whole = schema.safeParse(stored);
  if (whole.success || !Array.isArray(stored)) return whole.data;
  const readable = stored.filter(entry => schema.safeParse([entry]).success);
  return readable.length > 0 ? schema.safeParse(readable).data : undefined;
}
