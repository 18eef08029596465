import { describe, expect, it } from '@jest/globals';
import { fieldsToAdd } from '../../../src/domain/fields-to-add.ts';

const text = { type: 'text' };
const keyword = { type: 'keyword' };

describe('the fields that one mapping lacks of another', () => {
  it.each<readonly [string, object, object, object]>([
    ['none, of the same', { a: text }, { a: text }, {}],
    ['those that it has not', { a: text, b: keyword }, { a: text }, { b: keyword }],
    ['none that it has otherwise', { a: text }, { a: keyword }, {}],
    [
      'no part of a field that is declared as a whole',
      { a: { ...text, fields: { raw: keyword } } },
      { a: keyword },
      {},
    ],
    ['an object as a whole', { o: { properties: { a: text } } }, {}, { o: { properties: { a: text } } }],
    [
      'what an object gained',
      { o: { properties: { a: text, p: { properties: { b: text } } } } },
      { o: { properties: { a: keyword, p: { properties: {} } } } },
      { o: { properties: { p: { properties: { b: text } } } } },
    ],
    [
      'what a nested one gained, as nested',
      { o: { type: 'nested', properties: { a: text, b: text } } },
      { o: { type: 'nested', properties: { a: text } } },
      { o: { type: 'nested', properties: { b: text } } },
    ],
    ['nothing into what is no object there', { o: { properties: { a: text } } }, { o: keyword }, {}],
    ['one that is named like what every object has', { constructor: keyword }, {}, { constructor: keyword }],
  ])('are %s', (_what, from, to, added) => {
    expect(fieldsToAdd({ properties: from }, { properties: to })).toEqual(added);
  });

  it('are all of a mapping where the other has none, and none of one without fields', () => {
    expect(fieldsToAdd({ properties: { a: text } }, {})).toEqual({ a: text });
    expect(fieldsToAdd({}, { properties: { a: text } })).toEqual({});
  });
});
