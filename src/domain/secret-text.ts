/**
 * A value of a Secret as it was meant, for everything that reads one: editors put a byte order mark before a text and line
 * ends behind it, and an engine, Git and OpenSSL take both for a part of it.
 */
export function secretText(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/[\r\n]+$/, '');
}
