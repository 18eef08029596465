/** How many bytes a quantity of Kubernetes says ("512Mi", "2G", "1e9", "0.5Gi"); undefined when it says none. */
export function bytesOf(quantity: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:\.\d*)?|\.\d+)([a-zA-Z0-9+-]*)$/.exec(quantity) ?? [];
  if (digits === undefined) return undefined;
  const factor = units[unit] ?? (/^[eE][+-]?\d+$/.test(unit) ? Number(`1${unit}`) : undefined);
  return factor === undefined ? undefined : Number(digits) * factor;
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const mebibyte = 2 ** 20;
/** Below this our worker would only collect garbage; a container that is smaller still runs out of memory by itself. */
const smallestOldMebibytes = 64;
/** More than this helps no run: what a worker holds is bounded by its bulks, not by the repository. */
const largestOldMebibytes = 256;
/** From this limit on there is room for V8's own young generation, 16 MiB a thread. */
const roomyBytes = 2 ** 30;

/**
 * V8's options for a run of our worker under this memory limit; '' where none is set. Left alone, V8 lets the heap grow
 * with the machine: an index of 10,000 files then peaked at 420 MB of resident memory, with 100 MiB for the old
 * generation and 4 MiB for the young one at 200 MB. The options hold for every thread whatever its own limits say (tried:
 * 114 MiB in a thread that was given 52), so each gets a fifth: the main one, and the four that may parse, which need far
 * less and so leave room for Git and for buffers outside of the heap.
 */
export function workerNodeOptions(memoryLimit: string | number | undefined): string {
  const limitBytes = memoryLimit === undefined ? undefined : bytesOf(String(memoryLimit));
  if (limitBytes === undefined) return '';
  const fifth = Math.floor(limitBytes / mebibyte / 5);
  const old = `--max-old-space-size=${Math.min(largestOldMebibytes, Math.max(smallestOldMebibytes, fifth))}`;
  return limitBytes < roomyBytes ? `${old} --max-semi-space-size=4` : old;
}
