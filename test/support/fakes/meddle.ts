/** One call of the operator to a port, such as `kube.create jobs/kibana-1f` or `documents.replace alias~kibana`. */
export type Call = { readonly what: string; readonly writes: boolean };

/** Stands between the operator and the world: carries a call out, or does something else to it. */
export type Meddle = (call: Call, carryOut: () => Promise<unknown>) => Promise<unknown>;

type Role = {
  /** First word of what its calls are named. */
  readonly name: string;
  readonly writes: ReadonlySet<string>;
  /** What a call is about, from its arguments. */
  readonly about: (args: readonly unknown[]) => string;
};

/** A port whose calls all go through `meddle`; `target` is asked at each call, so that it may be another one by then. */
export function meddled<T extends object>(target: () => T, role: Role, meddle: Meddle): T {
  return new Proxy(target(), {
    get(_first, method) {
      const name = String(method);
      return async (...args: readonly unknown[]): Promise<unknown> =>
        meddle({ what: `${role.name}.${name} ${role.about(args)}`, writes: role.writes.has(name) }, async () => {
          const now = target();
          return Reflect.apply(Reflect.get(now, method) as (...given: readonly unknown[]) => unknown, now, args);
        });
    },
  });
}

type Named = { readonly name?: string; readonly metadata?: { readonly name: string } };

export const kubeRole: Role = {
  name: 'kube',
  writes: new Set(['create', 'patchStatus', 'patch', 'setFinalizers', 'delete']),
  about: ([resource, object]) => {
    const { plural } = resource as { plural: string };
    const { name, metadata } = (typeof object === 'object' ? object : {}) as Named;
    return `${plural}/${name ?? metadata?.name ?? ''}`;
  },
};

export const indicesRole: Role = {
  name: 'indices',
  writes: new Set(['create', 'delete', 'putSettings', 'putMapping', 'putMeta', 'blockWrites', 'unblockWrites']),
  about: ([name]) => String(name),
};

export const aliasesRole: Role = {
  name: 'aliases',
  writes: new Set(['update']),
  about: ([of]) => (typeof of === 'string' ? of : ''),
};

export const documentsRole: Role = {
  name: 'documents',
  writes: new Set(['create', 'replace', 'bulk']),
  about: ([, id]) => (typeof id === 'string' ? id : ''),
};

export const engineRole: Role = { name: 'engine', writes: new Set(), about: () => '' };

export const clusterRole: Role = {
  name: 'cluster',
  writes: new Set(),
  about: ([index]) => (typeof index === 'string' ? index : ''),
};

export const viewsRole: Role = {
  name: 'views',
  writes: new Set(),
  about: ([index]) => (typeof index === 'string' ? index : ''),
};
