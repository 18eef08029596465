import { passed, type Finding } from './check.ts';
import type { PastBuild } from '../observed.ts';
import type { PlannedVersion } from './plan.ts';

/** Where no run is known to go by: what two cores fill together with the engine, as measured, and what each run takes besides. */
const filesPerSecond = 300;
const besidesSeconds = 20;

/** From the lock to the switch, without what people or pauses take; undefined = nothing is known of its size. */
export function estimatedSeconds({ live }: PlannedVersion, past: PastBuild | undefined): number | undefined {
  if (!live) return undefined;
  if (past && past.chunks > 0) return Math.max(1, Math.round((past.seconds * live.chunks) / past.chunks));
  return Math.round(besidesSeconds + live.files / filesPerSecond);
}

/** Says what the estimate goes by. */
export function durationFinding(planned: PlannedVersion, past: PastBuild | undefined): Finding {
  const seconds = estimatedSeconds(planned, past);
  if (seconds === undefined || !planned.live)
    return passed('duration', 'how long a first build takes is not known before its files are counted');
  const { name, files, chunks } = planned.live;
  const by =
    past && past.chunks > 0
      ? `${past.request} took ${past.seconds} s for ${past.chunks} chunks, and ${name} has ${chunks}`
      : `${name} has ${files} files, of which ${filesPerSecond} a second are assumed, and ${besidesSeconds} s for the rest: no run of before is known`;
  return passed('duration', `about ${seconds} s: ${by}`);
}
