import { beforeEach, describe, expect, it } from '@jest/globals';
import { bareClaimant, ownerOf } from '../../../src/alias/claimant.ts';
import { adoptedVersion, adoptIndex } from '../../../src/alias/effects/adopt.ts';
import { claimAlias as claimAliasAs } from '../../../src/alias/effects/claim.ts';
import { observeBareAlias } from '../../../src/alias/observe.ts';
import { forgetVerb } from '../../../src/cli/forget.ts';
import { claimAlias } from '../../../src/cli/index-run.ts';
import { listVerb } from '../../../src/cli/list.ts';
import { lockShowVerb } from '../../../src/cli/lock-show.ts';
import { releaseOwnerVerb } from '../../../src/cli/release-owner.ts';
import { searchVerb } from '../../../src/cli/search.ts';
import { statusVerb } from '../../../src/cli/status.ts';
import { takeLock } from '../../../src/cli/take-lock.ts';
import { fencesOn } from '../../../src/fences/fences.ts';
import type { Engine } from '../../../src/engine/port.ts';
import { anIndexBody } from '../../support/objects/an-index.ts';
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

describe('an alias whose documents are those of applications', () => {
  it('is listed, shown and let go as what it is, without files, chunks or a commit', async () => {
    const engine = fakeEngine();
    const cli = aCommandLine(engine, 't');
    const claimant = bareClaimant({ alias: 'orders', namespace: 'shop', operator: 'kubernetes-one' });
    await cli.settings.ensure();
    await engine.indices.create('orders-2024', anIndexBody());
    await engine.aliases.update([{ add: { index: 'orders-2024', alias: 'orders' } }]);
    const owner = ownerOf(claimant, { clusterUuid: 'cluster', operator: 'kubernetes-one' });
    const hands = { ...cli, ...fencesOn(engine, cli.clock) };
    await claimAliasAs({ alias: 'orders', owner }).run({ engine: hands });
    const { side } = await observeBareAlias('orders', 't', hands);
    await adoptIndex({ record: adoptedVersion(claimant, side, '2026-01-01T00:00:00Z')! }).run({ engine: hands });
    await listVerb(cli);
    expect(cli.said.at(-1)).toMatch(/^orders +- +- +- +live +-$/);
    cli.said.splice(0);
    await statusVerb(cli, 'orders');
    expect(cli.said).toEqual([
      'alias       orders',
      'owner       the requests of namespace shop',
      'live        version 1',
      'indices     orders-2024',
      'since       2026-01-01T00:00:00Z',
      'retired     none',
      'lock        free',
    ]);
    cli.said.splice(0);
    await lockShowVerb(cli, 'orders', 0);
    expect(cli.said[1]).toBe(`owner       the requests of namespace shop (uid ${claimant.uid})`);
    cli.said.splice(0);
    expect(await forgetVerb(cli, 'orders')).not.toBe(0);
    expect(cli.said).toEqual([
      `orders belongs to the requests of namespace shop (uid ${claimant.uid}); nothing was done`,
    ]);
    cli.said.splice(0);
    expect(await releaseOwnerVerb(cli, 'orders', { reason: 'moved', uid: claimant.uid })).toBe(0);
    expect(cli.said).toEqual([
      `orders belonged to the requests of namespace shop (uid ${claimant.uid}) and now to nobody: the next request that adopts it gets it`,
    ]);
    expect((await cli.settings.aliasRecord('orders'))?.source).toMatchObject({ live: 1, owner: { uid: '' } });
    // Nothing was written into an index of applications.
    expect((await engine.indices.describe('orders-2024'))[0]?.meta).toEqual({});
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
