/** Runs of letters, digits, `_` and `$`; everything beyond ASCII counts as a letter. */
const wordRuns = /[A-Za-z0-9_$\u0080-\uffff]+/g;
/** `parseHTTPRequest2` -> parse, HTTP, Request, 2. */
const wordParts = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[\u0080-\uffff]+/g;
/** Longer runs are data (hashes, base64), not names that anybody types. */
const longestWord = 64;

/**
 * The words of a text for the fields that are searched by name: each once, in lower case, whole and in parts, joined by
 * spaces. The engine's core analyzers keep `fooBar` and `foo_bar` as one term.
 */
export function searchWords(text: string): string {
  const words = new Set<string>();
  for (const [run] of text.matchAll(wordRuns)) {
    if (run.length > longestWord) continue;
    words.add(run.toLowerCase());
    if (!isOnePart(run)) for (const [part] of run.matchAll(wordParts)) words.add(part.toLowerCase());
  }
  return [...words].join(' ');
}

/** Most words of a text are plain: not worth a second look. */
function isOnePart(run: string): boolean {
  return /^(?:[a-z]+|[A-Z][a-z]*|[A-Z]+|[0-9]+)$/.test(run);
}
