/** `parseHTTPRequest2` -> parse, HTTP, Request, 2. */
const wordParts = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+/g;
/** The same by the classes of Unicode: a mark stays with its letter, and letters without a case are a part of their own. */
const wordPartsOfAll =
  /(?:[\p{Lu}\p{Lt}]\p{M}*)+(?![\p{Ll}\p{M}])|(?:[\p{Lu}\p{Lt}]\p{M}*)?(?:\p{Ll}\p{M}*)+|\p{N}+|[\p{Lm}\p{Lo}\p{M}]+/gu;
/** Longer runs are data (hashes, base64), not names that anybody types. */
const longestWord = 64;

/** By code unit: 1 = stands in a word, 2 = does not; 0 = not asked yet. */
const inWord = new Uint8Array(1 << 16);

/** Letters, marks and digits of every script, `_` and `$`; of a pair both halves, when the character that they make is one. */
function isInWord(text: string, i: number, code: number): boolean {
  const known = inWord[code];
  if (known !== 0) return known === 1;
  if (code >= 0xd800 && code <= 0xdfff) return isWordLike(text.codePointAt(code < 0xdc00 ? i : i - 1) ?? 0);
  const found = isWordLike(code);
  inWord[code] = found ? 1 : 2;
  return found;
}

function isWordLike(code: number): boolean {
  return /[\p{L}\p{M}\p{N}_$]/u.test(String.fromCodePoint(code));
}

/**
 * The words of a text for the fields that are searched by name: each once, in lower case, whole and in parts, joined by
 * spaces. The engine's core analyzers keep `fooBar` and `foo_bar` as one term.
 */
export function searchWords(text: string): string {
  const words: string[] = [];
  texts += 1;
  // Never in the middle of a text: what is known must not show in what is found.
  if (!names.hasRoomFor(text)) names = new NameTable(Math.max(usualNames, text.length));
  let start = -1;
  let hash = 0;
  for (let i = 0; i <= text.length; i += 1) {
    const code = i < text.length ? text.charCodeAt(i) : 0;
    if (isInWord(text, i, code)) {
      if (start < 0) {
        start = i;
        hash = 0;
      }
      hash = (Math.imul(hash, 31) + code) | 0;
    } else if (start >= 0) {
      if (i - start <= longestWord) addForms(names.find(text, start, i, hash), words);
      start = -1;
    }
  }
  return words.join(' ');
}

/** A word as it is searched for, and the number of the last text in which it was met. */
type Word = { readonly text: string; seenIn: number };

/** A run of letters as it is found, with its forms: in lower case, whole and in parts. */
type Name = { readonly text: string; readonly forms: readonly Word[]; seenIn: number };

/** How many texts were taken apart: tells whether a word was met in this one without a set for each. */
let texts = 0;

function addForms(name: Name, words: string[]): void {
  if (name.seenIn === texts) return;
  name.seenIn = texts;
  for (const word of name.forms) {
    if (word.seenIn === texts) continue;
    word.seenIn = texts;
    words.push(word.text);
  }
}

/** What a table holds before it is replaced: the names of a large repository's busiest part. */
const usualNames = 1 << 15;

/**
 * The names met lately. The same ones come again and again, so a name is looked up where it stands in the text: cutting it
 * out and hashing it anew, as a Map asks for, was half of the work of indexing.
 */
class NameTable {
  /** Number of the name from 1, by its hash; 0 = free. Taken slots are passed over; at least half of them are free. */
  readonly #slots: Uint32Array;
  readonly #hashes: Int32Array;
  readonly #words = new Map<string, Word>();
  readonly #names: Name[] = [];

  constructor(most: number) {
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(most) + 1));
    this.#hashes = new Int32Array(this.#slots.length / 2 + 1);
  }

  /** Whether all names of the text could be new: one needs two characters, itself and what parts it from the next. */
  hasRoomFor(text: string): boolean {
    return this.#names.length + text.length / 2 + 1 < this.#hashes.length;
  }

  /** The name from `start` to `end`, whose hash that is. */
  find(text: string, start: number, end: number, hash: number): Name {
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let number = this.#slots[slot]; number; number = this.#slots[slot]) {
      const name = this.#names[number - 1];
      if (name && this.#hashes[number] === hash && isAt(text, start, end, name.text)) return name;
      slot = (slot + 1) & mask;
    }
    // A copy of its own: a slice would keep the whole text that it was cut from.
    return this.#add(Buffer.from(text.slice(start, end)).toString(), hash, slot);
  }

  #add(text: string, hash: number, slot: number): Name {
    const name = { text, forms: formsOf(text).map(form => this.#word(form)), seenIn: 0 };
    this.#names.push(name);
    this.#hashes[this.#names.length] = hash;
    this.#slots[slot] = this.#names.length;
    return name;
  }

  #word(text: string): Word {
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    const word = { text, seenIn: 0 };
    this.#words.set(text, word);
    return word;
  }
}

let names = new NameTable(usualNames);

function isAt(text: string, start: number, end: number, name: string): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i += 1) if (text.charCodeAt(start + i) !== name.charCodeAt(i)) return false;
  return true;
}

/** Composed, so that `á` typed as one character finds the one made of two. */
function formsOf(name: string): readonly string[] {
  const isAscii = /^[\x00-\x7f]*$/.test(name);
  const whole = isAscii ? name : name.normalize('NFC');
  const parts = Array.from(whole.matchAll(isAscii ? wordParts : wordPartsOfAll), ([part]) => part.toLowerCase());
  return [whole.toLowerCase(), ...(parts.length > 1 || parts[0]?.length !== whole.length ? parts : [])];
}
