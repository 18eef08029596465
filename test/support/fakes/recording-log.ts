import { createLogger } from '../../../src/runtime/log.ts';
import type { Logger } from '../../../src/runtime/log.ts';
import { createRedactor } from '../../../src/runtime/redact.ts';
import type { Redactor } from '../../../src/runtime/redact.ts';

export type LogLine = { readonly level: string; readonly msg: string; readonly [field: string]: unknown };

/** A real logger whose lines a test can look at. */
export const recordingLog = (
  redactor: Redactor = createRedactor(),
): { readonly log: Logger; readonly lines: LogLine[] } => {
  const lines: LogLine[] = [];
  // The logger writes what it was given as one JSON object per line.
  const destination = { write: (line: string): void => void lines.push(JSON.parse(line) as LogLine) };
  return { log: createLogger({ level: 'debug', redactor, destination }), lines };
};
