import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Figures taken on a busier machine than this are provisional. */
const calmLoad = 0.3;
const calmStealPercent = 2;
const stealWindowMs = 1000;

/** How busy the machine is with other things. */
export type Calm = {
  /** Over the last minute. */
  readonly load: number;
  /** Of the CPU time of one second, what the host gave to others. */
  readonly stealPercent: number;
  readonly isCalm: boolean;
};

export async function lookAtLoad(): Promise<Calm> {
  const before = cpuTicks();
  await sleep(stealWindowMs);
  const after = cpuTicks();
  const total = after.total - before.total;
  const stealPercent = total === 0 ? 0 : ((after.steal - before.steal) / total) * 100;
  const load = loadavg()[0] ?? 0;
  return { load, stealPercent, isCalm: load < calmLoad && stealPercent < calmStealPercent };
}

export function calmText({ load, stealPercent, isCalm }: Calm): string {
  const measured = `1-min load ${load.toFixed(2)}, steal ${stealPercent.toFixed(1)} %`;
  return isCalm ? measured : `${measured}: the machine is not calm (load < ${calmLoad}), figures are provisional`;
}

export function machineText(): string {
  const [first] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} x ${first?.model ?? 'unknown CPU'}, ${gigabytes} GiB, Linux ${release()}, Node ${process.versions.node}`;
}

/** The first line of /proc/stat: user nice system idle iowait irq softirq steal ... */
function cpuTicks(): { readonly total: number; readonly steal: number } {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  return { total: ticks.reduce((sum, each) => sum + each, 0), steal: ticks[7] ?? 0 };
}
