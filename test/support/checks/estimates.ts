import type { ReindexRequest } from '../../../src/api/reindex-request.ts';

/** What a build said of itself beforehand and on its way, and what it then took. */
export type MeasuredBuild = {
  readonly engine: string;
  readonly files: number;
  readonly request: ReindexRequest;
  /** Most that its files took on the disk at a time, the log of writes left out. */
  readonly peakBytes: number;
  /** The same with the log. */
  readonly peakWithLogBytes: number;
  /** When status.progress.eta was read, and what it was. */
  readonly samples: readonly { readonly atMs: number; readonly eta: string | undefined }[];
};

/** Of the length of its run, from the lock to the switch. */
export function etaErrors({ request, samples }: MeasuredBuild): readonly number[] {
  const [startMs, endMs] = boundsOf(request);
  const half = samples.filter(({ atMs }) => atMs >= (startMs + endMs) / 2 && atMs <= endMs);
  return half.flatMap(({ eta }) => (eta === undefined ? [] : [(Date.parse(eta) - endMs) / (endMs - startMs)]));
}

/** Seconds from the lock to the switch. */
export function secondsOf({ request }: MeasuredBuild): number {
  const [startMs, endMs] = boundsOf(request);
  return (endMs - startMs) / 1000;
}

function boundsOf({ status: { started = '', switched = '' } }: ReindexRequest): readonly [number, number] {
  return [Date.parse(started), Date.parse(switched)];
}

/** How far what was said before is from what was taken, as a share of that; undefined = nothing was said. */
export function preflightErrors(build: MeasuredBuild) {
  const { needBytes, estimatedSeconds } = build.request.status.preflight ?? {};
  const off = (said: number | undefined, took: number): number | undefined =>
    said === undefined ? undefined : (said - took) / took;
  return { bytes: off(needBytes, build.peakBytes), seconds: off(estimatedSeconds, secondsOf(build)) };
}

export function etaTable(builds: readonly MeasuredBuild[], within: number): string {
  const rows = builds.map(build => {
    const errors = etaErrors(build);
    const good = errors.filter(error => Math.abs(error) <= within).length;
    const worst = errors.toSorted((one, other) => Math.abs(other) - Math.abs(one))[0];
    return [...nameOf(build), secondsOf(build), errors.length, `${good} of ${errors.length}`, percent(worst)];
  });
  return table(
    ['engine', 'files', 'run', 's', 'samples of the second half', `within ${within * 100} %`, 'worst'],
    rows,
  );
}

export function preflightTable(builds: readonly MeasuredBuild[]): string {
  const rows = builds.map(build => {
    const { needBytes, estimatedSeconds } = build.request.status.preflight ?? {};
    const { bytes, seconds } = preflightErrors(build);
    const size = [megabytes(needBytes), megabytes(build.peakBytes), percent(bytes), megabytes(build.peakWithLogBytes)];
    return [...nameOf(build), ...size, estimatedSeconds ?? '', secondsOf(build), percent(seconds)];
  });
  const heads = ['needBytes, MB', 'took', 'off', 'with the log', 'estimatedSeconds', 'took', 'off'];
  return table(['engine', 'files', 'run', ...heads], rows);
}

function nameOf({ engine, files, request }: MeasuredBuild): readonly (string | number)[] {
  return [engine, files, request.metadata.name];
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? '' : (bytes / 1e6).toFixed(1);
}

function percent(share: number | undefined): string {
  return share === undefined ? '' : `${share > 0 ? '+' : ''}${(100 * share).toFixed(0)} %`;
}

function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
