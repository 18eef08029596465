import type { JsonObject } from '../domain/json.ts';

/** A field that people search in. */
export type SearchedField = { readonly name: string; readonly type: 'text' | 'keyword' };

/** Long enough to be a word, short enough to be searched for. */
const word = /[\p{L}\p{N}_]{2,40}/gu;
const longestKeyword = 256;

/** The text fields at the top of a mapping, or its keywords where it has none. */
export function searchedFields(mappings: JsonObject): readonly SearchedField[] {
  const named = Object.entries((mappings['properties'] ?? {}) as Readonly<Record<string, JsonObject>>);
  const ofType = (type: SearchedField['type']): readonly SearchedField[] =>
    named.filter(([, field]) => field['type'] === type && field['index'] !== false).map(([name]) => ({ name, type }));
  const text = ofType('text');
  return text.length > 0 ? text : ofType('keyword');
}

/**
 * One query for each of these documents, for something that stands in it: a word of a text field, or all of a keyword. The
 * same for the same seed; a document that holds nothing of these fields gives none.
 */
export function drawnQueries(
  documents: readonly JsonObject[],
  fields: readonly SearchedField[],
  seed: number,
): readonly JsonObject[] {
  const random = randomFrom(seed);
  return documents.flatMap(document => {
    const found = fields.flatMap(field => queriesFor(field, document[field.name]));
    const drawn = found[Math.floor(random() * found.length)];
    return drawn === undefined ? [] : [drawn(random)];
  });
}

type Draw = (random: () => number) => JsonObject;

function queriesFor({ name, type }: SearchedField, value: unknown): readonly Draw[] {
  const texts = [value].flat().filter(each => typeof each === 'string');
  const terms = type === 'text' ? texts.flatMap(text => text.match(word) ?? []) : texts.filter(isShort);
  if (terms.length === 0) return [];
  const kind = type === 'text' ? 'match' : 'term';
  return [random => ({ [kind]: { [name]: terms[Math.floor(random() * terms.length)] } })];
}

function isShort(text: string): boolean {
  return text !== '' && text.length <= longestKeyword;
}

/** Numbers from 0 up to 1, the same ones for the same seed (a xorshift of 32 bits). */
function randomFrom(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
