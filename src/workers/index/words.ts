/** `parseHTTPRequest2` -> parse, HTTP, Request, 2. */
const wordParts = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[\u0080-\uffff]+/g;
/** Longer runs are data (hashes, base64), not names that anybody types. */
const longestWord = 64;

/** Letters, digits, `_` and `$`; everything beyond ASCII counts as a letter. */
const isInWord: readonly boolean[] = Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z0-9_$]/.test(String.fromCharCode(code)),
);

/**
 * The words of a text for the fields that are searched by name: each once, in lower case, whole and in parts, joined by
 * spaces. The engine's core analyzers keep `fooBar` and `foo_bar` as one term.
 */
export function searchWords(text: string): string {
  const words = new Set<string>();
  let start = -1;
  for (let i = 0; i <= text.length; i += 1) {
    const code = i < text.length ? text.charCodeAt(i) : 0;
    if (code >= 128 || isInWord[code] === true) {
      if (start < 0) start = i;
    } else if (start >= 0) {
      if (i - start <= longestWord) for (const word of formsOf(text.slice(start, i))) words.add(word);
      start = -1;
    }
  }
  return [...words].join(' ');
}

/** The same names come again and again: splitting them anew was most of the work of indexing. Emptied when it is full. */
const known = new Map<string, readonly string[]>();
const mostKnown = 20_000;

/** A run of letters as it is found: in lower case, whole and in parts. */
function formsOf(run: string): readonly string[] {
  const found = known.get(run);
  if (found !== undefined) return found;
  const parts = Array.from(run.matchAll(wordParts), ([part]) => part.toLowerCase());
  const forms = [run.toLowerCase(), ...(parts.length > 1 || parts[0]?.length !== run.length ? parts : [])];
  if (known.size >= mostKnown) known.clear();
  // A copy of its own: a slice would keep the whole text that it was cut from.
  known.set(Buffer.from(run).toString(), forms);
  return forms;
}
