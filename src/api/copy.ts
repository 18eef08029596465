import { z } from 'zod';
import { duration } from './duration.ts';
import { copiedShape } from './fragments.ts';

/** The field `copy` of a ReindexRequest. */
export const copy = z.strictObject({
  index: copiedShape
    .optional()
    .describe('What the new index has of its own; everything else is as in the index that is copied. Absent: nothing.'),
  blockWritesAtMost: duration({ from: '1s', to: '1h' })
    .optional()
    .describe(
      'How long writers may be refused at the switch, 1s to 1h, from the write block to the switch or to its lifting. What does not fit is given up and tried again. Absent: 30s.',
    ),
  attempts: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe('How often the switch is tried, 1 to 100; then the run ends as Failed. Absent: 10.'),
});
