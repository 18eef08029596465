import { versionSet } from '../../alias/version-set.ts';
import { answerTo } from '../../plan/question.ts';
import { ask, done, fail, wait } from '../../plan/step.ts';
import { candidateSet, ground } from '../facts.ts';
import { undeclared } from '../preflight/zone.ts';
import type { RunStep } from '../step.ts';
import { clusterNodes, missingZone, wantsBuildZone } from '../zones.ts';

/** How soon a zone that is gone is looked for again. */
const awayMs = 15_000;
const doubtMs = 5000;

/** Waits for a node of the build zone where a version was lost with the last one; before the first version preflight has looked. */
export const findZone: RunStep = {
  name: 'find-zone',
  phase: 'Preparing',
  look: o => {
    if (!wantsBuildZone(o) || candidateSet(o)) return done;
    if (!o.zones) return fail(undeclared.reason, undeclared.message);
    const { buildZone } = o.request.status;
    if (!buildZone) return done;
    const { engine, alias } = ground(o);
    // Once the next number is drawn no record names what is left of the lost version: it is cleared away first.
    if (engine.doubt && versionSet(engine, alias, buildZone.version).record)
      return wait(engine.doubt.reason, engine.doubt.message, doubtMs);
    const nodes = answerTo(o, clusterNodes);
    if (!nodes) return ask(clusterNodes);
    const missing = missingZone(o.zones, nodes);
    return missing === undefined ? done : wait('NoBuildZone', missing, awayMs);
  },
};
