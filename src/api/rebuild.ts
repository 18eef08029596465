import { z } from 'zod';
import { setOf } from './rule.ts';
import { runFields } from './run.ts';
import { schedule } from './schedule.ts';

/** What may begin a rebuild by itself or be left to people; whatever else makes one due always begins it. */
const leftToChoice = ['SpecChanged', 'WorkerChanged', 'ShardsOutgrown'] as const;

/** The field `rebuild` of an IndexedRepo. */
export const rebuild = z.strictObject({
  revision: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe(
      'Any new value asks for one rebuild: the declarative way, with nothing one-shot in Git. Absent: none is asked for.',
    ),
  retries: z
    .int()
    .min(0)
    .max(10)
    .default(2)
    .describe(
      'How often a failed rebuild is tried again per cause, 0 to 10, each time after a longer pause. Then Stalled, reason RetriesExhausted, until spec or revision changes.',
    ),
  automaticFor: setOf(z.array(z.enum(leftToChoice)).max(leftToChoice.length))
    .optional()
    .describe(
      'What begins a rebuild by itself. SpecChanged: another shape or spec.worker.image is declared than the live version was built with. WorkerChanged: the image of the operator, where spec.worker.image is absent, is another one and cannot go on with it. ShardsOutgrown: index.shards is absent, and each shard holds twice what one is sized for, or more. What is not listed is only reported in status.rebuild.due. A first build, a new revision and a slot of schedule always begin; [] leaves it at these. Absent: SpecChanged alone.',
    ),
  schedule: schedule
    .optional()
    .describe(
      'When a rebuild begins by the clock, whatever automaticFor says: five cron fields read in spec.timeZone, or "@every DURATION" (1m to 720h). Slots that were missed, or that come while a rebuild runs, are one rebuild. Absent: never.',
    ),
  template: z
    .strictObject(runFields)
    .optional()
    .describe(
      'How the rebuilds of this object run: copied whole into each ReindexRequest that the operator makes. A changed template is no reason to build. Absent: as the fields of a ReindexRequest say when they are absent.',
    ),
});
