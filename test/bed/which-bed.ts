import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { cacheFolder } from './cache.ts';
import { RefusedError } from './refused.ts';

/** What a bed has of the machine for itself: two beds of different names share none of it. */
export type WhichBed = {
  /** `reindeer-bed`, or `reindeer-bed-NAME`. */
  readonly name: string;
  readonly home: string;
  /** The machine's end of the cable into the bed's network; the kernel takes 15 characters. */
  readonly hostInterface: string;
  /** The first two numbers of every address of the bed: its range is `{network}.0.0/16`. */
  readonly network: string;
  /** Every pod's cgroup lies below this one, so that the processes in it are known to be the bed's. */
  readonly cgroupRoot: string;
};

const USUAL = 'reindeer-bed';
const USUAL_RANGE = 231;
const LAST_RANGE = 254;

/** The bed that this process is about: the machine's usual one, or with REINDEER_BED=NAME one beside it. */
export function thisBed(): WhichBed {
  return bedNamed(process.env['REINDEER_BED'] ?? '');
}

/** The bed of that name; none means the usual one. Throws RefusedError when an interface cannot be called by the name. */
export function bedNamed(chosen: string): WhichBed {
  if (chosen === '') return aBed(USUAL, USUAL, USUAL_RANGE);
  if (!/^[a-z][a-z0-9]{0,7}$/.test(chosen)) {
    throw new RefusedError(`REINDEER_BED is one to eight small letters and digits, not "${chosen}"`);
  }
  return aBed(`${USUAL}-${chosen}`, `rbed-${chosen}`, rangeOf(chosen));
}

function aBed(name: string, hostInterface: string, range: number): WhichBed {
  return { name, home: homeOf(name), hostInterface, network: `10.${range}`, cgroupRoot: `/${name}` };
}

/** Root's is outside of its home folder: the engine refuses to run as root, and its own user could not reach in there. */
function homeOf(name: string): string {
  return process.getuid?.() === 0 ? join('/var/lib', name) : join(cacheFolder(), name.replace(USUAL, 'bed'));
}

/** Two names can come to the same range; the second bed then finds the route of the first and does not start. */
function rangeOf(name: string): number {
  const [byte = 0] = createHash('sha256').update(name).digest();
  return USUAL_RANGE + 1 + (byte % (LAST_RANGE - USUAL_RANGE));
}
