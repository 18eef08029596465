import { answerTo } from '../../plan/question.ts';
import { ask, done, fail, wait } from '../../plan/step.ts';
import { candidateSet } from '../facts.ts';
import { undeclared } from '../preflight/zone.ts';
import type { RunStep } from '../step.ts';
import { clusterNodes, missingZone, wantsBuildZone } from '../zones.ts';

/** How soon a zone that is gone is looked for again. */
const awayMs = 15_000;

/** Waits for a node of the build zone where a version was lost with the last one; before the first version preflight has looked. */
export const findZone: RunStep = {
  name: 'find-zone',
  phase: 'Preparing',
  look: o => {
    if (!wantsBuildZone(o) || candidateSet(o)) return done;
    if (!o.zones) return fail(undeclared.reason, undeclared.message);
    if (!o.request.status.buildZone) return done;
    const nodes = answerTo(o, clusterNodes);
    if (!nodes) return ask(clusterNodes);
    const missing = missingZone(o.zones, nodes);
    return missing === undefined ? done : wait('NoBuildZone', missing, awayMs);
  },
};
