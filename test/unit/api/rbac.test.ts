import { describe, expect, it } from '@jest/globals';
import { peoplePermissions } from '../../../src/api/people-rbac.ts';
import { leasePermissions, watchedPermissions } from '../../../src/api/rbac.ts';

const granted = [...watchedPermissions, ...leasePermissions].flatMap(({ apiGroups, resources, verbs }) =>
  resources.flatMap(resource => verbs.map(verb => `${verb} ${[resource, ...apiGroups.filter(Boolean)].join('.')}`)),
);

describe('what people may do', () => {
  it('is never to write a status: what the operator found is not for others to say', () => {
    const rules = Object.values(peoplePermissions).flat();
    expect(rules.flatMap(({ resources }) => resources).filter(name => name.includes('/'))).toEqual([]);
  });
});

describe('what the operator may do', () => {
  it('reads Secrets by name only', () => {
    expect(granted.filter(grant => grant.endsWith(' secrets'))).toEqual(['get secrets']);
  });

  it('never changes a Job, and never watches pods', () => {
    expect(granted.filter(grant => /^(update|patch) jobs/.test(grant))).toEqual([]);
    expect(granted).not.toContain('watch pods');
  });

  it('never writes a spec but by making a request', () => {
    expect(granted.filter(grant => /^(create|update) (indexedrepos|searchclusters)\./.test(grant))).toEqual([]);
  });

  it('holds no wildcard and no verb twice', () => {
    expect(granted.filter(grant => grant.includes('*'))).toEqual([]);
    expect(new Set(granted).size).toBe(granted.length);
  });

  it('says why for every rule', () => {
    expect(watchedPermissions.filter(({ why }) => why.length < 15)).toEqual([]);
  });
});
