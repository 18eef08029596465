/** What Kubernetes takes as the note of an Event, and as much as a person reads in a terminal. */
const maxMessageBytes = 1024;

/**
 * A message of at most 1 kB in UTF-8, on one line, with control characters escaped: paths, commit texts and what an engine
 * says end up on terminals, in statuses and in events, and must neither steer the one nor fill the other.
 */
export function bounded(message: string): string {
  const escaped = escapeControls(message, anyControl);
  const bytes = Buffer.from(escaped, 'utf8');
  if (bytes.length <= maxMessageBytes) return escaped;
  const cut = bytes.subarray(0, maxMessageBytes - 3).toString('utf8');
  // A cut character decodes to U+FFFD.
  return `${cut.replace(/\ufffd+$/, '')}...`;
}

/** At most this many characters (code points): never a half of one, which would be stored as another. */
export function firstCharacters(text: string, most: number): string {
  // No character takes more than two units.
  return Array.from(text.slice(0, 2 * most))
    .slice(0, most)
    .join('');
}

/** C0 and C1 controls, line separators, and the marks that turn the direction of text around. */
const anyControl = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
/** The same but for the line end and the tab. */
const controlsInLines = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text for a terminal: control characters are shown, not sent; lines and tabs stay. */
export function printable(text: string): string {
  return escapeControls(text, controlsInLines);
}

/** Text from a stranger as a part of one line: it cannot make a second one look like ours. */
export function oneLine(text: string): string {
  return escapeControls(text, anyControl);
}

function escapeControls(text: string, controls: RegExp): string {
  return text.replace(controls, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
