import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';

/** A role of Elasticsearch as `roles.yml` writes it. */
export type EngineRole = {
  readonly cluster?: readonly string[];
  readonly indices: readonly IndexGrant[];
};
type IndexGrant = { readonly names: readonly string[]; readonly privileges: readonly string[] };

export type EngineRoles = Readonly<Record<string, EngineRole>>;

/** One privilege of one role, and that role with all the others. */
export type Lacking = {
  readonly role: string;
  readonly privilege: string;
  /** The cluster, or the names of the indices. */
  readonly on: string;
  readonly rest: EngineRole;
};

/** The roles that docs/engine-users.md tells people to make: what is written there is what is tried. */
export function rolesOfPage(): EngineRoles {
  const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'engine-users.md'), 'utf8');
  const block = /^```yaml\n(.*?)^```$/ms.exec(page)?.[1];
  if (block === undefined) throw new Error('docs/engine-users.md has no block of roles');
  return load(block) as EngineRoles;
}

/** Each role once for each of its privileges, without that one. */
export function lackingOne(roles: EngineRoles): readonly Lacking[] {
  return Object.entries(roles).flatMap(([role, { cluster = [], indices }]) => [
    ...cluster.map(privilege => ({
      ...{ role, privilege, on: 'cluster' },
      rest: { cluster: cluster.filter(each => each !== privilege), indices },
    })),
    ...indices.flatMap((grant, at) =>
      grant.privileges.map(privilege => ({
        ...{ role, privilege, on: grant.names.join(', ') },
        rest: { cluster, indices: indices.with(at, { ...grant, privileges: except(grant.privileges, privilege) }) },
      })),
    ),
  ]);
}

export function rolesFile(roles: EngineRoles): string {
  // An anchor would be no role to the engine.
  return dump(roles, { noRefs: true });
}

/** An empty list is no role either. */
function except(all: readonly string[], one: string): readonly string[] {
  const left = all.filter(each => each !== one);
  return left.length > 0 ? left : ['none'];
}
