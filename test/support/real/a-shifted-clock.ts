import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The wall clock of one program, which a test sets. */
export type ShiftedClock = {
  /** For the environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  /** From now on the program's clock is ahead of this machine's by so much; below zero it is behind. */
  shiftBy(ms: number): void;
  remove(): void;
};

export function aShiftedClock(): ShiftedClock {
  const folder = mkdtempSync(join(tmpdir(), 'reindeer-clock-'));
  const file = join(folder, 'shift');
  writeFileSync(file, '0');
  const preload = pathToFileURL(join(import.meta.dirname, 'shifted-clock.ts')).href;
  return {
    env: {
      NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import=${preload}`,
      REINDEER_TEST_CLOCK: file,
    },
    shiftBy: ms => writeFileSync(file, String(ms)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
