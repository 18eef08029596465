import { question } from '../plan/question.ts';
import type { Observed } from './observed.ts';
import type { RunHands } from './step.ts';

/**
 * The newest commit of the ref, or why it is not known. What is pushed before a request is made is in what it builds, and
 * what is pushed while a Job works, or at a gate, is caught up: each request asks anew, after each of its Jobs and each approval.
 */
export const newestCommit = question('newest commit of the ref', async ({ request, jobs }: Observed, hands: RunHands) =>
  hands.head([request.metadata.uid, jobs.at(-1)?.uid, ...(request.spec.approved ?? [])].join('/')),
);
