// A process of its own that writes into an alias as applications do, without knowing of anything that is done to the index
// behind it, and says at its end what every document must be by what was acknowledged:
// `node application-writers.ts CONFIG.json`. Ends on SIGTERM, or by itself after `maxSeconds`.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import type { EngineLocation } from '../../bed/state.ts';
import { startReporting, type ReportingProcess } from './reporting-process.ts';

type Config = Pick<EngineLocation, 'url' | 'username' | 'password' | 'caFile'> & {
  readonly alias: string;
  readonly writers: number;
  readonly idsOfEach: number;
  readonly pauseMs: number;
  readonly maxSeconds: number;
};

/** What applications saw. */
export type WritersReport = {
  /** Operations by what they were, as far as they were acknowledged. */
  readonly acknowledged: Readonly<Record<Operation, number>>;
  /** Items that were refused, by status and type of the error. */
  readonly refused: Readonly<Record<string, number>>;
  /** Between two acknowledged bulks of one writer. */
  readonly longestGapMs: number;
  /** What each id holds by the last acknowledged operation on it; null = it was deleted. */
  readonly documents: Readonly<Record<string, Document | null>>;
};

type Operation = 'index' | 'update' | 'delete';
export type Document = { readonly sku: string; readonly round: number; readonly note?: string };

/** Starts writers on an alias: each writes bulks into ids of its own, one after the other, and never tries again. */
export async function startWriters(
  { url, username, password, caFile }: EngineLocation,
  alias: string,
  { writers = 3, idsOfEach = 200, pauseMs = 40 } = {},
): Promise<ReportingProcess<WritersReport>> {
  const config: Config = { url, username, password, caFile, alias, writers, idsOfEach, pauseMs, maxSeconds: 900 };
  return startReporting<WritersReport>(fileURLToPath(import.meta.url), config);
}

type Line = { readonly operation: Operation; readonly id: string; readonly document: Document };
type Item = { readonly status: number; readonly error?: { readonly type?: string } };

class Writer {
  readonly #config: Config;
  readonly #agent: Agent;
  readonly #number: number;
  readonly #documents: Record<string, Document | null>;
  readonly acknowledged: Record<Operation, number> = { index: 0, update: 0, delete: 0 };
  readonly refused: Record<string, number> = {};
  longestGapMs = 0;

  constructor(config: Config, agent: Agent, number: number, documents: Record<string, Document | null>) {
    this.#config = config;
    this.#agent = agent;
    this.#number = number;
    this.#documents = documents;
  }

  async writeUntil(stopped: AbortSignal): Promise<void> {
    let lastMs = performance.now();
    for (let round = 1; !stopped.aborted; round += 1) {
      const lines = this.#lines(round);
      const items = await this.#bulk(lines);
      const taken = lines.filter((line, at) => this.#note(line, items[at]));
      if (taken.length > 0) {
        this.longestGapMs = Math.max(this.longestGapMs, performance.now() - lastMs);
        lastMs = performance.now();
      }
      await sleep(this.#config.pauseMs);
    }
  }

  /** Of each bulk one id more: index, index over, update, delete, and delete with an index right after it. */
  #lines(round: number): readonly Line[] {
    const document = { sku: `A-${round % 50}`, round };
    const at = (offset: number): string => `w${this.#number}-${(round * 7 + offset) % this.#config.idsOfEach}`;
    return [
      { operation: 'index', id: at(0), document },
      { operation: 'update', id: at(50), document: { ...document, note: `seen in ${round}` } },
      { operation: 'delete', id: at(100), document },
      { operation: 'delete', id: at(150), document },
      { operation: 'index', id: at(150), document: { ...document, note: 'made anew' } },
    ];
  }

  async #bulk(lines: readonly Line[]): Promise<readonly Item[]> {
    const { url, username, password, alias } = this.#config;
    const body = lines.map(({ operation, id, document }) => {
      const action = JSON.stringify({ [operation]: { _id: id } });
      if (operation === 'delete') return `${action}\n`;
      return `${action}\n${JSON.stringify(operation === 'update' ? { doc: document } : document)}\n`;
    });
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const reply = await request(`${url}/${alias}/_bulk`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', ...(username !== '' && { authorization }) },
      body: body.join(''),
      dispatcher: this.#agent,
    });
    const said = (await reply.body.json()) as { items?: readonly Record<string, Item>[]; error?: { type?: string } };
    if (said.items) return said.items.flatMap(item => Object.values(item));
    return lines.map(() => ({ status: reply.statusCode, error: { type: said.error?.type ?? '' } }));
  }

  #note({ operation, id, document }: Line, item: Item | undefined): boolean {
    const status = item?.status ?? 0;
    const isMissing = status === 404 && item?.error?.type !== 'index_not_found_exception';
    if (isMissing && operation === 'update') return false;
    if ((status >= 200 && status < 300) || (isMissing && operation === 'delete')) {
      this.acknowledged[operation] += 1;
      const before = operation === 'update' ? this.#documents[id] : {};
      this.#documents[id] = operation === 'delete' ? null : { ...before, ...document };
      return true;
    }
    const why = `${status} ${item?.error?.type ?? ''}`.trim();
    this.refused[why] = (this.refused[why] ?? 0) + 1;
    return false;
  }
}

async function write(config: Config, stopped: AbortSignal): Promise<WritersReport> {
  const ca = config.caFile === '' ? {} : { connect: { ca: readFileSync(config.caFile, 'utf8') } };
  const agent = new Agent(ca);
  const documents: Record<string, Document | null> = {};
  const all = Array.from({ length: config.writers }, (_, number) => new Writer(config, agent, number, documents));
  const ended = AbortSignal.any([stopped, AbortSignal.timeout(config.maxSeconds * 1000)]);
  await Promise.all(all.map(async writer => writer.writeUntil(ended)));
  await agent.close();
  return {
    acknowledged: sumOf(all.map(each => each.acknowledged)) as Record<Operation, number>,
    refused: sumOf(all.map(each => each.refused)),
    longestGapMs: Math.max(...all.map(each => each.longestGapMs)),
    documents,
  };
}

function sumOf(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [name, count] of counts.flatMap(each => Object.entries(each))) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stopped = new AbortController();
  process.once('SIGTERM', () => stopped.abort());
  const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Config;
  process.stdout.write('writing\n');
  process.stdout.write(`${JSON.stringify(await write(config, stopped.signal))}\n`);
}
