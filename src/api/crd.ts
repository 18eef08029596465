import { indexedRepoKind } from './indexed-repo.ts';
import type { Column, Kind } from './kind.ts';
import { category } from './meta.ts';
import { reindexRequestKind } from './reindex-request.ts';
import { searchClusterKind } from './search-cluster.ts';
import { structural, type Structural } from './structural.ts';

/** Every kind of the group, in the order in which a newcomer meets them. */
export const kinds: readonly Kind[] = [searchClusterKind, indexedRepoKind, reindexRequestKind];

/** A CustomResourceDefinition, whole, as it is applied. */
export type Crd = {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string };
  readonly spec: object;
};

export function crdOf(kind: Kind): Crd {
  const { group, version, plural } = kind.resource;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: namesOf(kind),
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: kind.columns.map(printerColumn),
          ...(kind.selectable && { selectableFields: kind.selectable.map(jsonPath => ({ jsonPath })) }),
          schema: { openAPIV3Schema: schemaOf(kind) },
        },
      ],
    },
  };
}

function namesOf({ resource, singular, shortNames }: Kind): object {
  const { kind, plural } = resource;
  return { kind, listKind: `${kind}List`, plural, singular, shortNames, categories: [category] };
}

/** apiVersion, kind and metadata are left to the API server, which knows them better. */
export function schemaOf(kind: Kind): Structural {
  const name = kind.resource.kind;
  const spec = { description: `What is wanted of this ${name}.`, ...structural(kind.spec, 'closed', 'spec') };
  const status = {
    description: `What the operator found and did; nobody else writes it. Empty until it first looked.`,
    ...structural(kind.status, 'open', 'status'),
  };
  return { description: kind.description, type: 'object', required: ['spec'], properties: { spec, status } };
}

function printerColumn({ name, type, path, description, wide = false }: Column): object {
  return { name, type, jsonPath: path, description: `${description}.`, priority: wide ? 1 : 0 };
}
