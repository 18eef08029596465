const [lineFeed, quote, backslash, slash, star, space] = ['\n', '"', '\\', '/', '*', ' '].map(each =>
  each.charCodeAt(0),
) as [number, number, number, number, number, number];

type Inside = 'nothing' | 'text' | 'line comment' | 'comment';

/**
 * The same JSON without a line break, which would end a document within a bulk; as it is, if it has none. Engines take line
 * breaks and comments in a document and give them back: breaks become spaces, and a comment that a break ends becomes
 * spaces too; nothing else is changed.
 */
export function onOneLine(json: Buffer): Buffer {
  return json.includes(lineFeed) ? rewritten(json) : json;
}

function rewritten(json: Buffer): Buffer {
  const line = Buffer.from(json);
  let inside: Inside = 'nothing';
  for (let at = 0; at < line.length; at += 1) {
    const [byte, next] = [line[at], line[at + 1]];
    if (inside === 'text') {
      if (byte === backslash) at += 1;
      else if (byte === quote) inside = 'nothing';
    } else if (inside === 'nothing') {
      if (byte === quote) inside = 'text';
      else if (byte === slash && (next === slash || next === star)) {
        inside = next === slash ? 'line comment' : 'comment';
        line.fill(space, at, at + 2);
        at += 1;
      } else if (byte === lineFeed) line[at] = space;
    } else {
      const ends = inside === 'line comment' ? byte === lineFeed : byte === star && next === slash;
      line[at] = space;
      if (ends && inside === 'comment') line[(at += 1)] = space;
      if (ends) inside = 'nothing';
    }
  }
  // None is allowed within a text; one that was taken all the same is written as JSON does.
  return line.includes(lineFeed) ? Buffer.from(line.toString('latin1').replaceAll('\n', '\\n'), 'latin1') : line;
}
