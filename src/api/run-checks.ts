import { z } from 'zod';
import { duration } from './duration.ts';
import { timeOf } from './fragments.ts';
import { freeForm, listBy, mapBy } from './rule.ts';

/** What a heavy run does, beside counting, before its version serves. */

const goldenQuery = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
    .describe('Name of the query, one entry each: status.verification has its result as query/NAME.'),
  body: freeForm().describe(
    'Query in the language of the engine, as under "query" of a search, such as {term: {language: go}}. One that the engine refuses ends the run, reason QueryRejected.',
  ),
  minHits: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .default(1)
    .describe('Documents that the query has to find at least, 0 to 1,000,000,000.'),
  overlapPercent: z
    .int()
    .min(0)
    .max(100)
    .optional()
    .describe(
      'Share of the first k hits that has to agree with the live version, 0 to 100. Hits that score like the last one of a full page are left out: which of them end it is chance. Absent: hits are not compared.',
    ),
  k: z.int().min(1).max(100).default(10).describe('Hits that are asked for and compared, 1 to 100.'),
  maxLatencyPercent: z
    .int()
    .min(100)
    .max(10_000)
    .optional()
    .describe(
      'How long the query may take, in percent of what it takes on the live version, 100 to 10,000: the fastest of three on each, and less than 10 ms counts as 10 ms. Absent: times are not compared.',
    ),
});

export const verify = z.strictObject({
  digest: z
    .enum(['Full', 'Sample', 'None'])
    .optional()
    .describe(
      'Which files the worker puts together of their chunks again and compares with the hash of their text, for strategy Rebuild. Full: every one, which reads the whole index. Sample: at least 50 of those that it wrote, one in a thousand of more. None: no file. Absent: Sample.',
    ),
  queries: listBy(z.array(goldenQuery).max(50), 'name')
    .optional()
    .describe(
      'Queries that the version has to answer before it serves, at most 50, asked through the filter of the alias. Default: none.',
    ),
});

export const verification = mapBy(
  z
    .array(
      z.object({
        name: z.string().describe('Name of the check, one entry each.'),
        result: z.enum(['Pass', 'Fail', 'Unclear']).describe('Outcome of the check: Pass, Fail or Unclear.'),
        message: z.string().describe('What was expected and what was found, with both figures.'),
      }),
    )
    .max(64),
  'name',
);

export const warm = z.strictObject({
  atMost: duration({ from: '1s', to: '24h' })
    .default('5m')
    .describe('How long it is searched at most, 1s to 24h; then the version serves as it is.'),
});

export const warmStatus = z.object({
  seed: z.int().describe('Seed that the searched documents and words were drawn by.'),
  started: timeOf('When the first search was sent.'),
  latest: timeOf('When the latest window of searches was sent.'),
  queries: z.int().min(0).describe('Searches that were answered.'),
  firstMillis: z
    .int()
    .min(0)
    .optional()
    .describe('Milliseconds that a search took on average at first. Absent while none was answered.'),
  windows: z.array(z.int().min(0)).max(20).describe('The same window by window, the last 20.'),
  finished: timeOf('When the last search was answered. Absent while it goes on.').optional(),
  settled: z.boolean().optional().describe('Whether searches got no faster any more in the end.'),
  message: z.string().describe('What it took, with the figures.'),
});

export type GoldenQuery = z.output<typeof goldenQuery>;

const bytes = z.int().min(0);

/** What is found out before anything is made. */
export const preflight = z.object({
  verdict: z.enum(['Pass', 'Refuse']).describe('Pass: the run goes on. Refuse: it ends, with the reason of the check.'),
  needBytes: bytes
    .optional()
    .describe(
      'Bytes on disk that all copies of the new version take at their peak, besides what is there and without the log of writes: as large as the live version is expected. Absent: not known.',
    ),
  freeBytes: bytes
    .optional()
    .describe('Bytes that new shards may fill before their nodes come to the high watermark. Absent: not asked.'),
  shards: z.int().min(1).optional().describe('Primary shards of the new version. Absent: not asked.'),
  estimatedSeconds: z
    .int()
    .min(0)
    .optional()
    .describe('Seconds from the lock to the switch, without what people take at a gate. Absent: not known.'),
  checks: mapBy(
    z
      .array(
        z.object({
          name: z.string().describe('Name of the check, one entry each.'),
          ok: z.boolean().describe('Whether nothing stands in the way.'),
          message: z.string().describe('What is needed and what is there, with both figures.'),
        }),
      )
      .max(32),
    'name',
  ).describe('What was checked, by name.'),
});
