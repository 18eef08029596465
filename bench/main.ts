// `npm run bench -- [ID...] [--quick]`: ratios of our figures to limits and peers, measured in one run on this machine.
import { parseArgs } from 'node:util';
import { calmText, lookAtLoad, machineText } from './harness/machine.ts';
import type { BenchContext, Metric } from './harness/metric.ts';
import { NotMeasurableError } from './harness/metric.ts';
import { jsonLine, markdownTable, verdict, type Measured } from './harness/report.ts';
import { metrics } from './metrics.ts';

const USAGE = `npm run bench -- [ID...] [--quick]
IDs: ${metrics.map(metric => metric.id).join(', ')}; none = all of them
--quick   smaller sizes and fewer pairs: a quarter of an hour for everything

One line of JSON per case on standard output, then a table; how far it is goes to standard error.
Exit status: 0 everything measured, 1 something could not be measured, 2 wrong arguments. A missed target is no failure.`;

/** Standard output holds results alone. */
const say = (text: string): void => console.error(text);

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  const unknown = positionals.filter(id => !metrics.some(metric => metric.id === id));
  if (values.help || unknown.length > 0) {
    console.error(unknown.length > 0 ? `no metric is called ${unknown.join(', ')}\n\n${USAGE}` : USAGE);
    return values.help ? 0 : 2;
  }
  const chosen = metrics.filter(metric => positionals.length === 0 || positionals.includes(metric.id));
  const profile = values.quick ? 'quick' : 'full';
  const calm = await lookAtLoad();
  say(`${machineText()}\n${profile} profile; ${calmText(calm)}`);
  const begun = performance.now();
  const measured: Measured[] = [];
  const missing: string[] = [];
  for (const metric of chosen) {
    const outcome = await measure(metric, { profile, say });
    if (typeof outcome === 'string') missing.push(`${metric.id} was not measured: ${outcome}`);
    else measured.push(...outcome);
  }
  console.log(`\n${markdownTable(measured)}`);
  const missed = measured.filter(each => verdict(each) === false).length;
  const judged = measured.filter(each => verdict(each) !== undefined).length;
  console.log(`\n${judged - missed} of ${judged} targets met, ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  console.log(`${machineText()}; ${profile} profile; at the start ${calmText(calm)}`);
  for (const text of missing) console.log(text);
  return missing.length > 0 ? 1 : 0;
}

/** The cases, printed as they come; or why there are none. */
async function measure(metric: Metric, context: BenchContext): Promise<readonly Measured[] | string> {
  const { load } = await lookAtLoad();
  say(`${metric.id} ${metric.title} (1-min load ${load.toFixed(2)})`);
  const begun = performance.now();
  try {
    const cases = await metric.run(context);
    const measured = cases.map(each => ({ ...each, metric: metric.id, load }));
    for (const each of measured) console.log(jsonLine(each));
    say(`${metric.id} took ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    return measured;
  } catch (error) {
    if (error instanceof NotMeasurableError) return error.message;
    // The other metrics have nothing to do with it.
    console.error(error);
    return String(error);
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
  console.error(isUsage ? `${(error as Error).message}\n\n${USAGE}` : error);
  process.exitCode = isUsage ? 2 : 1;
}
