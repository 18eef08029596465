import { oneLine } from '../../domain/bounded-text.ts';

/** A block of lines at the end of what was printed, drawn over itself; nothing else may be printed between two drawings. */
export type Screen = {
  /** False where lines can only be appended: no terminal. */
  readonly isLive: boolean;
  draw(lines: readonly string[]): void;
};

type Terminal = {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** Lines are cut at the edge of the terminal, and so many are left out that the block fits. */
export function createScreen(stream: Terminal): Screen {
  let drawn = 0;
  return {
    isLive: stream.isTTY === true,
    draw: lines => {
      const shown = fitting(lines, { columns: stream.columns ?? 80, rows: stream.rows ?? 24 });
      const up = drawn > 0 ? `\u001b[${drawn}A` : '';
      stream.write(`${up}\r${shown.map(line => `${line}\u001b[K\n`).join('')}\u001b[J`);
      drawn = shown.length;
    },
  };
}

function fitting(lines: readonly string[], { columns, rows }: { readonly columns: number; readonly rows: number }) {
  // The last line of the terminal is where the cursor stands.
  const most = Math.max(1, rows - 1);
  const hidden = lines.length - most;
  const shown = hidden > 0 ? [...lines.slice(0, most - 1), `... and ${hidden + 1} more`] : lines;
  return shown.map(line =>
    Array.from(oneLine(line))
      .slice(0, Math.max(1, columns - 1))
      .join(''),
  );
}
