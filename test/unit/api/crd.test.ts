import { reasonGroups, reasons } from '../../../src/api/reasons.ts';
import { describe, expect, it } from '@jest/globals';
import { kinds, schemaOf } from '../../../src/api/crd.ts';
import { group } from '../../../src/api/meta.ts';
import type { Structural } from '../../../src/api/structural.ts';

type Field = { readonly path: string; readonly schema: Structural };

/** Every field below a schema, itself left out. */
function fieldsIn(schema: Structural, path: string): readonly Field[] {
  const named = Object.entries(schema.properties ?? {}).map(([name, child]) => ({
    path: `${path}.${name}`,
    schema: child,
  }));
  const items = [schema.items, schema.additionalProperties].filter(child => child !== undefined);
  return [
    ...named.flatMap(field => [field, ...fieldsIn(field.schema, field.path)]),
    ...items.flatMap(child => fieldsIn(child, `${path}[]`)),
  ];
}

const fields = kinds.flatMap(kind => fieldsIn(schemaOf(kind), kind.singular));

describe.each(kinds)('$resource.kind', kind => {
  it('has the short name and the columns that the API page promises', () => {
    const columns = kind.columns.map(({ name, wide = false }) => (wide ? `(${name})` : name).toUpperCase()).join(' ');
    expect({ shortNames: kind.shortNames, columns }).toEqual(promised[kind.resource.kind]);
  });

  it('has a description that says what it is for', () => {
    expect(kind.description).toMatch(new RegExp(`^An? ${kind.resource.kind} `));
  });
});

const promised: Readonly<Record<string, object>> = {
  SearchCluster: { shortNames: ['scluster'], columns: 'ENGINE VERSION READY REASON AGE (UUID)' },
  IndexedRepo: {
    shortNames: ['irepo'],
    columns:
      'ALIAS LIVE COMMIT DOCS FRESH BEHIND READY REASON AGE (CLUSTER) (LOCK) (CANDIDATE) (NEXT RUN) (PAUSED) (HELD)',
  },
  ReindexRequest: { shortNames: ['rreq'], columns: 'ALIAS STRATEGY PHASE PROGRESS ETA FROM TO REASON AGE (CAUSE)' },
};

/** What an absent one means is for the operator to say, `field ?? value`: the API server puts a default into every object. */
const defaultsOfFirstRelease = [
  'searchcluster.spec.allowPlaintextCredentials',
  ...['', '.heavyRuns', '.lightRuns'].map(field => `searchcluster.spec.limits${field}`),
  ...['paused', 'settingsIndex', 'tls.caSecretRef.key'].map(field => `searchcluster.spec.${field}`),
  ...['source.maxFileBytes', 'timeZone', 'freshWithin', 'paused', 'deletionPolicy'].map(at => `indexedrepo.spec.${at}`),
  ...['', '.schedule', '.duringReindex', '.deadline', '.tolerations[].operator'].map(
    at => `indexedrepo.spec.light${at}`,
  ),
  ...['', '.tolerations[].operator'].map(at => `indexedrepo.spec.heavy${at}`),
  ...['index', 'index.replicas', 'rebuild', 'rebuild.retries', 'retain', 'retain.versions'].map(
    at => `indexedrepo.spec.${at}`,
  ),
  ...['retain.versions', 'deadline'].map(at => `reindexrequest.spec.${at}`),
];

/** What stands in a block that came later and has no default: only an object that declares the block has these. */
const isInLaterBlock = (path: string): boolean =>
  /^(indexedrepo\.spec\.rebuild\.template|reindexrequest\.spec\.(verify|warm))\./.test(path);

it('no field that came later has a default: an operator of before refuses an object with a field that it does not know', () => {
  const given = fields.filter(({ schema, path }) => schema.default !== undefined && !isInLaterBlock(path));
  const defaulted = given.map(({ path }) => path);
  expect(defaulted.toSorted()).toEqual(defaultsOfFirstRelease.toSorted());
});

it('a template of rebuilds has the fields of a request that say how it runs, as they are there, and no other', () => {
  const requestFields = specOf('reindexrequest');
  const template = specOf('indexedrepo')['rebuild']?.properties?.['template'];
  const asked = ['target', 'strategy', 'rollback', 'copy', 'adopt', 'whenBusy', 'dryRun', 'ttlAfterFinished'];
  const byPeople = ['paused', 'abort', 'approved'];
  const running = Object.entries(requestFields).filter(([name]) => ![...asked, ...byPeople].includes(name));
  expect(template?.properties).toEqual(Object.fromEntries(running));
});

function specOf(singular: string): Readonly<Record<string, Structural>> {
  const spec = fields.find(({ path }) => path === `${singular}.spec`);
  return spec?.schema.properties ?? {};
}

describe('the manual that kubectl explain prints', () => {
  it.each(fields)('describes $path', ({ schema }) => {
    expect(schema.description).toMatch(/^[A-Z].{13,}\.$/);
  });

  it.each(fields.filter(({ schema }) => schema.default !== undefined))('names the default of $path', ({ schema }) => {
    const value = JSON.stringify(schema.default).replaceAll('"', '');
    expect(schema.description).toContain(`Default: ${value}`);
  });

  it.each(optionalFields())('says what an absent $path means', ({ schema }) => {
    expect(schema.description).toMatch(/Default: |Absent/);
  });
});

/** Fields of a spec that a user may leave out. */
function optionalFields(): readonly Field[] {
  return kinds.flatMap(kind => {
    const spec = schemaOf(kind).properties?.['spec'];
    return spec === undefined ? [] : optionalIn(spec, `${kind.singular}.spec`);
  });
}

function optionalIn(schema: Structural, path: string): readonly Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => [
    ...(schema.required?.includes(name) === true ? [] : [{ path: `${path}.${name}`, schema: child }]),
    ...optionalIn(child, `${path}.${name}`),
    ...(child.items === undefined ? [] : optionalIn(child.items, `${path}.${name}[]`)),
  ]);
}

describe('the cost of rules', () => {
  it.each(fields.filter(({ schema }) => schema['x-kubernetes-validations'] !== undefined && schema.type === 'string'))(
    'is bounded by the length of $path',
    ({ schema }) => {
      expect(schema['maxLength']).toBeGreaterThan(0);
    },
  );
});

describe('reasons', () => {
  it.each(Object.entries(reasons))('%s is CamelCase and says what it means', (reason, { docs }) => {
    expect(reason).toMatch(/^[A-Z][A-Za-z]+$/);
    expect(docs).toMatch(/^.{10,}\.$/);
  });

  it('each stand under one heading only', () => {
    const listed = reasonGroups.flatMap(entry => Object.keys(entry.reasons));
    expect(listed.toSorted()).toEqual(Object.keys(reasons).toSorted());
  });
});

it('every kind is of our group', () => {
  expect(kinds.map(kind => kind.resource.group)).toEqual([group, group, group]);
});
