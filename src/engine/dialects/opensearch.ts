import { z } from 'zod';
import type { Dialect } from '../dialect.ts';

const mainReply = z.object({ version: z.object({ distribution: z.literal('opensearch') }) });

/** Releases 3.x say what they are in a header of every answer; 2.x only in the body of `GET /`. */
export const opensearch: Dialect = {
  type: 'OpenSearch',
  supported: [
    { major: 2, minor: 12 },
    { major: 3, minor: 0 },
  ],
  recognises: ({ headers, body }) => {
    const header = headers['x-opensearch-version'];
    return (typeof header === 'string' && header.startsWith('OpenSearch/')) || mainReply.safeParse(body).success;
  },
  can: { openPit: false, preferPrimary: true },
};
