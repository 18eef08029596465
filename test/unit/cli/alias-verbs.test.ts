import { beforeEach, describe, expect, it } from '@jest/globals';
import { claimAlias } from '../../../src/cli/index-run.ts';
import { listVerb } from '../../../src/cli/list.ts';
import { searchVerb } from '../../../src/cli/search.ts';
import { takeLock } from '../../../src/cli/take-lock.ts';
import type { Engine } from '../../../src/engine/port.ts';
import { aCommandLine } from '../../support/real/a-command-line.ts';
import { fakeEngine } from '../../support/fakes/fake-engine.ts';

describe('an alias whose first run has not ended', () => {
  let engine: Engine;
  beforeEach(async () => {
    engine = fakeEngine();
    await claimAlias(aCommandLine(engine, 't'), 'kibana');
  });

  const listed = async (): Promise<string | undefined> => {
    const cli = aCommandLine(engine, 't');
    await listVerb(cli);
    return cli.said.find(line => line.startsWith('kibana'));
  };

  it('is listed as being built while a run holds it, and as unfinished once none does', async () => {
    const lock = await takeLock(aCommandLine(engine, 't'), 'kibana');
    expect(await listed()).toMatch(/^kibana +- +0 +0 +building +-$/);
    await lock.release();
    expect(await listed()).toMatch(/^kibana +- +0 +0 +unfinished +-$/);
  });

  it('is not searched: it is said to serve nothing, and not taken for a misspelt one', async () => {
    const cli = aCommandLine(engine, 't');
    await expect(searchVerb(cli, 'kibana', 'parse', 5)).rejects.toMatchObject({
      reason: 'NoLiveVersion',
      message: 'no version serves "kibana": its first run has not ended; `reindeer status kibana` says more',
    });
    await expect(searchVerb(cli, 'kibanna', 'parse', 5)).rejects.toMatchObject({
      reason: 'NoLiveVersion',
      message: 'nothing is indexed under "kibanna"; did you mean "kibana"?',
    });
    expect(cli.said).toEqual([]);
  });
});

describe('a search', () => {
  async function searched(query: string): Promise<{ readonly said: readonly string[]; readonly sent: string }> {
    const engine = fakeEngine();
    const sent: unknown[] = [];
    const search: Engine['documents']['search'] = async (_alias, body) => {
      sent.push(body);
      const whole = { tookMs: 1, timedOut: false, totalIsExact: true, failedShards: 0 };
      return { ...whole, hits: [], total: 0, aggregations: {} };
    };
    const cli = aCommandLine(
      {
        ...engine,
        aliases: { ...engine.aliases, kindOf: async () => 'alias' },
        documents: { ...engine.documents, search },
      },
      't',
    );
    await searchVerb(cli, 'kibana', query, 5);
    return { said: cli.said, sent: JSON.stringify(sent) };
  }

  it('for more words than are looked for says how many are', async () => {
    const { said, sent } = await searched(`${'word '.repeat(50)}beyond`);
    expect(said).toEqual(['The query is long: only its first 50 words are looked for.', 'nothing found']);
    expect(sent).not.toContain('beyond');
  });

  it('for some words says nothing of their number', async () => {
    expect((await searched('parse request')).said).toEqual(['nothing found']);
  });
});
