import type { Progress } from '../workers/run/reporter.ts';
import { printable } from '../domain/bounded-text.ts';
import { progressSummary } from '../domain/progress.ts';
import type { SteadyClock } from '../runtime/clock.ts';

/** Where the command line writes: results to one stream, progress and remarks to the other. */
export type Output = {
  /** A line of the result. */
  line(text: string): void;
  /** A remark that is no result. */
  note(text: string): void;
  /** Shows how far a run is; ends the bar with the next `line` or `note`. */
  progress(progress: Progress): void;
};

export type Streams = {
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WritableStream & { isTTY?: boolean };
};

/** Without a terminal one line in this time says how far it is. */
const plainEveryMs = 5000;
const barWidth = 30;

/** A bar that is drawn over itself on a terminal, and plain lines elsewhere. */
export function createOutput({ out, err }: Streams, clock: SteadyClock): Output {
  let isBarOpen = false;
  let plainMs = clock.elapsedMs();
  const closeBar = (): void => {
    if (isBarOpen) err.write('\n');
    isBarOpen = false;
  };
  return {
    line: text => {
      closeBar();
      out.write(`${printable(text)}\n`);
    },
    note: text => {
      closeBar();
      err.write(`${printable(text)}\n`);
    },
    progress: progress => {
      if (err.isTTY === true) {
        err.write(`\r${bar(progress)}\u001b[K`);
        isBarOpen = true;
      } else if (clock.elapsedMs() - plainMs >= plainEveryMs) {
        plainMs = clock.elapsedMs();
        err.write(`${progress.done} of ${progress.total} files, ${progressSummary(progress)}\n`);
      }
    },
  };
}

/** `[=====     ]  41% 3.1k/s, 12 s left` */
export function bar({ done, total, perSecond }: Progress): string {
  const share = total === 0 ? 1 : done / total;
  const filled = Math.round(share * barWidth);
  const left = perSecond > 0 && done < total ? `, ${Math.ceil((total - done) / perSecond)} s left` : '';
  const drawn = `${'='.repeat(filled)}${' '.repeat(barWidth - filled)}`;
  return `[${drawn}] ${done}/${total} files, ${progressSummary({ done, total, perSecond })}${left}`;
}

/** Rows under a head, each column as wide as its widest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0)));
  return all.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
