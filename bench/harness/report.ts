import { isMet, targetText } from '../targets.ts';
import type { Case } from './metric.ts';

/** A case with the metric that it belongs to and the load under which it was measured. */
export type Measured = Case & { readonly metric: string; readonly load: number };

/** Undefined where there is no target, or where the side that it names could not be measured. */
export function verdict({ ours, ratio, interval, target }: Case): boolean | undefined {
  const figure = target?.against === 'none' ? ours : ratio;
  return target === null || figure === null ? undefined : isMet(target, figure, interval);
}

/** One line of JSON. The first nine fields are what other programs read; the rest is for people. */
export function jsonLine(measured: Measured): string {
  const { metric, ours, peer, limit, unit, ratio, target, interval, load, note } = measured;
  return JSON.stringify({
    metric,
    case: measured.case,
    ours: rounded(ours),
    peer: rounded(peer),
    limit: rounded(limit),
    unit,
    ratio: rounded(ratio),
    target: target === null ? null : targetText(target),
    met: verdict(measured) ?? null,
    interval: interval === null ? null : [rounded(interval.low), rounded(interval.high)],
    load: rounded(load),
    note,
  });
}

const heads = ['metric', 'case', 'ours', 'peer', 'limit', 'unit', 'ratio', '90 % interval', 'target', 'met'] as const;

/** The same as a table in Markdown, with notes below it. */
export function markdownTable(measured: readonly Measured[]): string {
  const rows = [heads, ...measured.map(rowOf)];
  const widths = heads.map((_, column) => Math.max(...rows.map(row => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  const rule = `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`;
  const notes = measured.filter(each => each.note !== '').map(each => `- ${each.metric} ${each.case}: ${each.note}`);
  return [line(head), rule, ...body.map(line), ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}

function rowOf(measured: Measured): readonly string[] {
  const { metric, ours, peer, limit, unit, ratio, target, interval } = measured;
  const met = verdict(measured);
  return [
    metric,
    measured.case,
    text(ours),
    text(peer),
    text(limit),
    unit,
    text(ratio),
    interval === null ? '' : `${text(interval.low)} to ${text(interval.high)}`,
    target === null ? '' : targetText(target),
    met === undefined ? '' : met ? 'yes' : 'NO',
  ];
}

function text(value: number | null): string {
  return value === null ? '' : String(rounded(value));
}

/** Four digits that mean something. */
function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4));
}
