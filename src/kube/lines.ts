const newline = 10;

/** Cuts bytes at newlines and yields each whole, non-empty line as text; what follows the last newline is dropped. */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  let unfinished: Uint8Array[] = [];
  for await (const chunk of bytes) {
    let from = 0;
    for (let to = chunk.indexOf(newline); to !== -1; to = chunk.indexOf(newline, from)) {
      const rest = chunk.subarray(from, to);
      const line = unfinished.length === 0 ? textOf(rest) : textOf(Buffer.concat([...unfinished, rest]));
      unfinished = [];
      from = to + 1;
      if (line !== '') yield line;
    }
    if (from < chunk.length) unfinished.push(chunk.subarray(from));
  }
}

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
