import { describe, expect, it } from '@jest/globals';
import { aliasFromRepository, aliasProblem, splitRepositoryArgument } from '../../../src/domain/aliases.ts';

describe('an alias', () => {
  it.each(['kibana', 'a', '0', 'a.b_c-d', 'team-v', 'v1', 'a-v1x', 'x'.repeat(180)])('may be %s', alias => {
    expect(aliasProblem(alias)).toBeUndefined();
  });

  it.each<[string, RegExp]>([
    ['', /empty/],
    ['x'.repeat(181), /181 characters/],
    ['-a', /start/],
    ['_a', /start/],
    ['.a', /start/],
    ['Kibana', /start/],
    ['kibanA', /lower-case/],
    ['a b', /lower-case/],
    ['a*', /lower-case/],
    ['a,b', /lower-case/],
    ['a#', /lower-case/],
    ['a:b', /lower-case/],
    ['a~b', /lower-case/],
    ['a-v1', /version/],
    ['a-v12_locations', /version/],
  ])('may not be %j', (alias, problem) => {
    expect(aliasProblem(alias)).toMatch(problem);
  });
});

describe('a repository without an alias is called', () => {
  it.each([
    ['https://github.com/acme/Kibana.git', 'kibana'],
    ['git@github.com:acme/billing.git', 'billing'],
    ['git@host:billing', 'billing'],
    ['/home/me/My Repo/', 'my-repo'],
    ['./.dotfiles', 'dotfiles'],
    ['repo-v1', ''],
    ['...', ''],
  ])('%s -> %j', (repository, alias) => {
    expect(aliasFromRepository(repository)).toBe(alias);
  });
});

describe('REPOSITORY[:ALIAS] is split', () => {
  it.each<[string, string, string]>([
    ['.:kibana', '.', 'kibana'],
    ['/a/b', '/a/b', 'b'],
    ['/a/b:c', '/a/b', 'c'],
    ['/a:b/c', '/a:b/c', 'c'],
    ['/a/b:C', '/a/b:C', 'c'],
    ['https://host:8443/o/r.git', 'https://host:8443/o/r.git', 'r'],
    ['https://host:8443/o/r.git:kibana', 'https://host:8443/o/r.git', 'kibana'],
    ['https://host:8443', 'https://host:8443', '8443'],
    ['https://host/o/r.git:kibana-v7', 'https://host/o/r.git:kibana-v7', ''],
    ['git@host:o/r.git', 'git@host:o/r.git', 'r'],
    ['git@host:r', 'git@host:r', 'r'],
    ['git@host:o/r.git:kibana', 'git@host:o/r.git', 'kibana'],
    ['ssh://git@host:22/o/r', 'ssh://git@host:22/o/r', 'r'],
  ])('%s', (argument, repository, alias) => {
    expect(splitRepositoryArgument(argument)).toEqual({ repository, alias });
  });
});
