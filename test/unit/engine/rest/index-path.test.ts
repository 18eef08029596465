import { describe, expect, it } from '@jest/globals';
import { matchesPattern } from '../../../../src/domain/name-pattern.ts';
import { indexPath } from '../../../../src/engine/rest/index-path.ts';

describe('the path of one index', () => {
  it.each([
    ['kibana-v1', '/kibana-v1'],
    ['.hidden', '/.hidden'],
    ['a-v1.W3', '/a-v1.W3'],
    ['größe', '/gr%C3%B6%C3%9Fe'],
  ])('of %j is %s', (name, path) => {
    expect(indexPath(name)).toBe(path);
  });

  it.each(['', '*', 'a*', 'a,b', '-a', '_all', '+a', 'a b', 'a/b', 'a#b', 'a?b', '<a-{now}>', 'a\\b', 'a:b'])(
    'does not exist for %j, which an engine could read as several',
    name => {
      expect(() => indexPath(name)).toThrow('expected the name of one index');
    },
  );
});

describe('a pattern of index names', () => {
  it.each<[string, string, boolean]>([
    ['kibana-v1', 'kibana-v1', true],
    ['kibana-v1', 'kibana-v*', true],
    ['kibana-v12', 'kibana-v1', false],
    ['kibana-v1', 'other,kibana-v*', true],
    ['my-kibana-v1', 'kibana-v*', false],
    ['a.b', 'a.b', true],
    ['axb', 'a.b', false],
    ['a-v1', '*', true],
    ['a(1)', 'a(1)', true],
  ])('%s against %s: %s', (name, pattern, expected) => {
    expect(matchesPattern(name, pattern)).toBe(expected);
  });
});
