import { describe, expect, it } from '@jest/globals';
import { publicAlias } from '../../../src/domain/document-model.ts';
import { memberName, membersNamed, membersOf, servedBy, versionNamed } from '../../../src/domain/version.ts';

describe('the name of a member', () => {
  it.each<[string, number, string, string]>([
    ['kibana', 1, 'main', 'kibana-v1'],
    ['a-v1', 20, 'main', 'a-v1-v20'],
    ['kibana', 7, 'locations', 'kibana-v7_locations'],
    ['kibana-vega', 7, 'by_path', 'kibana-vega-v7_by_path'],
  ])('of %s, %d and %s is read back', (alias, number, role, name) => {
    expect(memberName(alias, number, role)).toBe(name);
    expect(versionNamed(name)).toEqual({ alias, number, role });
  });

  it.each(['kibana', 'kibana-v', 'kibana-v0', 'kibana-v07', '-v1', 'kibana-v1_', 'kibana-v1_A', 'kibana-v1.w0'])(
    'is not %s',
    name => {
      expect(versionNamed(name)).toBeUndefined();
    },
  );
});

describe('the members of a version', () => {
  const properties = { is_hidden: true };

  it('are its only index where an earlier release wrote the record', () => {
    expect(membersOf({ index: 'kibana-v1' })).toEqual([{ role: 'main', index: 'kibana-v1' }]);
    expect(servedBy(membersOf({ index: 'kibana-v1' }))).toEqual([{ index: 'kibana-v1', properties: publicAlias }]);
  });

  it('are those that are named so, where no record is left', () => {
    const indices = ['kibana-v1', 'kibana-v1_places', 'kibana-v2_places', 'kibana-v1x', 'other-v1_places'];
    expect(membersNamed('kibana', 1, indices).map(({ role }) => role)).toEqual(['main', 'places']);
    expect(membersNamed('kibana', 3, indices)).toEqual([{ role: 'main', index: 'kibana-v3' }]);
  });

  it('have the properties that the record has for them', () => {
    const members = [
      { role: 'main', index: 'books' },
      { role: 'locations', index: 'places', properties },
    ];
    expect(servedBy(members)).toEqual([
      { index: 'books', properties: publicAlias },
      { index: 'places', properties },
    ]);
  });
});
