import { z } from 'zod';
import type { KubeObject } from '../api/object.ts';

/** An IndexedRepo as programs for people see it, read as leniently as a run. */

const version = z.object({ name: z.string(), number: z.number() });
const view = z.object({
  spec: z.object({ alias: z.string().catch(''), paused: z.boolean().catch(false) }).catch({ alias: '', paused: false }),
  status: z
    .object({ live: version.optional().catch(undefined), retired: z.array(version).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

export type Repo = z.output<typeof view> & {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly object: KubeObject;
};

/** What an object of the kind says. */
export function repoOf(object: KubeObject): Repo {
  const { namespace, name, uid } = object.metadata;
  return { ...view.parse(object), namespace, name, uid, object };
}
