import { z } from 'zod';
import { timeOf } from './fragments.ts';

/** How a run uses the build zone, as its status tells it. */
export const buildZone = z.object({
  version: z.int().min(1).describe('Number of the version that is built there.'),
  zone: z.string().describe('The build zone.'),
  nodes: z
    .array(z.string().max(256))
    .max(64)
    .describe('Nodes that held its shards before anything was written, at most 64.'),
  endpoints: z
    .array(z.string())
    .max(16)
    .optional()
    .describe(
      'Endpoints of the SearchCluster that are nodes of the zone: its workers go through them. Absent: none is, workers go through all.',
    ),
  sharedWith: z
    .array(z.string())
    .max(16)
    .optional()
    .describe('Indices of others that have shards on nodes of the zone, at most 16. Absent: none.'),
  lostSince: timeOf('Since when shards of it have no node. Absent: all have one.').optional(),
  lost: z.int().min(0).optional().describe('Versions of this run that were lost with their nodes. Absent: none.'),
});
