import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../src/domain/json.ts';
import { forward } from '../../test/support/real/http-fault-proxy.ts';
import { startLoad } from '../../test/support/real/load-process.ts';
import type { LoadReport } from '../../test/support/real/query-load.ts';
import { comparedCase, ownCase } from '../harness/cases.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { compare } from '../harness/pairs.ts';
import { onRunStage, type RunStage } from '../harness/run-stage.ts';
import { targets } from '../targets.ts';

/** L3: what a client in a process of its own sees of a switch: failed answers, and how slow the slowest are. */
export const switchMetric: Metric = { id: 'L3', title: 'gap of a client at the switch', run: measure };

const files = 1000;
const alias = 'l3';
/** Points at the same versions, and is moved by hand. */
const bare = 'l3-bare';
const perSecond = 200;
const asked = 20;
/** Until caches are warm, and between two switches: each has a second before it of its own. */
const restMs = 3000;

async function measure({ profile }: BenchContext): Promise<readonly Case[]> {
  const switches = profile === 'quick' ? 10 : 30;
  return onRunStage(async stage => {
    await stage.served([alias], files);
    await stage.servedAgain([alias]);
    await stage.engine.aliases.update([{ add: { index: `${alias}-v1`, alias: bare } }]);
    const ours = await underLoad(stage, alias, async () => rollbacks(stage, switches));
    const byHand = await underLoad(stage, bare, async () => moves(stage, switches));
    const what = `${switches} rollbacks, ${perSecond} queries a second`;
    const said = { unit: 'ms', target: targets.L3.slowestOfBefore };
    return [
      ownCase({ case: `failed answers, ${what}`, unit: 'answers', target: targets.L3.failed }, [ours.report.failed]),
      comparedCase(
        { ...said, case: `p99 of the second of the switch, ${what}`, note: 'limit = the second before' },
        'limit',
        slowest(ours),
      ),
      comparedCase(
        {
          ...said,
          target: null,
          case: `the same of ${switches} bare _aliases calls`,
          note: 'limit = the second before',
        },
        'limit',
        slowest(byHand),
      ),
    ];
  });
}

/** `movedMs`: when each call that moves the alias reached the engine, since 1970. */
type Seen = { readonly report: LoadReport; readonly movedMs: readonly number[] };

async function underLoad(stage: RunStage, target: string, work: () => Promise<readonly number[]>): Promise<Seen> {
  const load = await startLoad({ engine: stage.node }, target, await queries(stage), perSecond);
  const movedMs = await sleep(restMs).then(work);
  return { movedMs, report: await load.stop() };
}

/** Each for all that there is of one file. */
async function queries({ engine }: RunStage): Promise<readonly JsonObject[]> {
  const body = { size: asked, query: { term: { doc: 'file' } }, _source: ['filePath'] };
  const { hits } = await engine.documents.search(`${alias}-v1`, body);
  return hits.map(({ source }) => ({ term: { filePath: source['filePath'] } }));
}

async function rollbacks(stage: RunStage, times: number): Promise<readonly number[]> {
  const movedMs: number[] = [];
  const { engineWire } = stage;
  engineWire.fate = ({ method, path, body }) => {
    if (method === 'POST' && path === '/_aliases' && body.includes(`"${alias}"`)) movedMs.push(Date.now());
    return forward;
  };
  for (let time = 0; time < times; time += 1) {
    const [serving] = await stage.engine.aliases.members(alias);
    const toVersion = serving?.index === `${alias}-v2` ? 1 : 2;
    await stage.ask(alias, `${alias}-${time}`, 'Rollback', { rollback: { toVersion } });
    await stage.until(`${alias}-${time}`, ({ status }) => status.finished !== undefined);
    await sleep(restMs);
  }
  engineWire.fate = () => forward;
  return movedMs;
}

async function moves({ engine }: RunStage, times: number): Promise<readonly number[]> {
  const movedMs: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const [from, to] = time % 2 === 0 ? [1, 2] : [2, 1];
    movedMs.push(Date.now());
    await engine.aliases.update([
      { remove: { index: `${alias}-v${from}`, alias: bare, must_exist: true } },
      { add: { index: `${alias}-v${to}`, alias: bare } },
    ]);
    await sleep(restMs);
  }
  return movedMs;
}

function slowest({ report, movedMs }: Seen) {
  const pairs = movedMs.map(at => ({ ours: p99(report, at, at + 1000), other: p99(report, at - 1000, at) }));
  return compare(
    pairs,
    ours => ours,
    other => other,
  );
}

/** Of the queries that were sent in this time, in ms. */
function p99({ times }: LoadReport, fromMs: number, toMs: number): number {
  const took = times
    .flatMap(([sentMs, ms]) => (sentMs >= fromMs && sentMs < toMs ? [ms] : []))
    .toSorted((a, b) => a - b);
  const found = took[Math.ceil(0.99 * took.length) - 1];
  if (found === undefined) throw new Error('no query was sent in that second');
  return found;
}
