import { z } from 'zod';
import { freeForm, listBy } from './rule.ts';

/** What a heavy run checks, beside the counts, before its version serves. */

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
  queries: listBy(z.array(goldenQuery).max(50), 'name')
    .optional()
    .describe(
      'Queries that the version has to answer before it serves, at most 50, asked through the filter of the alias. Default: none.',
    ),
});

export type GoldenQuery = z.output<typeof goldenQuery>;
