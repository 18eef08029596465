import { pino } from 'pino';
import type { DestinationStream, Logger as PinoLogger } from 'pino';
import type { Redactor } from './redact.ts';

/** A structured logger: past-tense event as message, everything else as fields. */
export type Logger = PinoLogger;

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export type LoggerOptions = {
  readonly level: LogLevel;
  /** Applied to every finished line, so that no field can slip past it. */
  readonly redactor: Redactor;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
};

/**
 * JSON lines with `level` as a word and an ISO time. info = something changed, debug = looked and nothing to do,
 * warn = will be tried again, error = a human is needed.
 */
export const createLogger = ({ level, redactor, destination }: LoggerOptions): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      redact: { paths: ['authorization', '*.authorization', 'Authorization', '*.Authorization'], censor: '[redacted]' },
      hooks: { streamWrite: line => redactor.redact(line) },
    },
    destination ?? pino.destination(1),
  );
