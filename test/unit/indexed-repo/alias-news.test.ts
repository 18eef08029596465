import { describe, expect, it } from '@jest/globals';
import type { IndexedRepo } from '../../../src/api/indexed-repo.ts';
import { publicAlias } from '../../../src/domain/document-model.ts';
import { isAliasNews, type AliasFound } from '../../../src/indexed-repo/alias-news.ts';
import { decideRepo } from '../../../src/indexed-repo/decide.ts';
import type { EngineSide } from '../../../src/indexed-repo/observed.ts';
import { repoStatus } from '../../../src/indexed-repo/status.ts';
import { firstAliasRecord } from '../../../src/registry/records.ts';
import { anOwner } from '../../support/objects/a-record.ts';
import { aRestingRepo, onAlias } from '../../support/objects/a-repo-look.ts';
import { heldLock } from '../../support/objects/a-run.ts';
import { at } from '../../support/objects/an-object.ts';

const resting = aRestingRepo();
const v1 = { index: 'kibana-v1', properties: publicAlias };
const foreign = { index: 'foreign', properties: {} };
const lease = heldLock().lease;
const record = resting.engine!.record!;

/** What befalls an alias, as the look in full sees it. */
const befallen: Readonly<Record<string, Partial<EngineSide>>> = {
  'nothing happened': {},
  'the alias was taken away': { members: [], aliasIs: 'none' },
  'the alias was put on another index': { members: [foreign] },
  'another index was added': { members: [{ ...foreign, index: 'another' }, v1] },
  'the filter was changed': { members: [{ index: 'kibana-v1', properties: {} }] },
  'an index took the name': { members: [], aliasIs: 'index' },
  'somebody else owns it': { record: firstAliasRecord('kibana', anOwner({ uid: 'another' })) },
  'its owner let it go': { record: { ...record, owner: { ...record.owner, uid: '' } } },
  'a program outside took the lock': { lock: lease },
  'and is silent': { lock: lease, lockSilentSince: at(-60) },
  'another version was switched to': { record: { ...record, live: 2 }, members: [{ ...v1, index: 'kibana-v2' }] },
};
const situations = Object.keys(befallen);

/** The status that the look in full writes when this has befallen the alias. */
function toldOf(what: string): IndexedRepo {
  const looked = onAlias(resting, befallen[what] ?? {});
  const { owner, live: number } = looked.engine!.record!;
  const version = { ...resting.engine!.live!, number: number ?? 0, index: `kibana-v${number ?? 0}` };
  const o = onAlias(looked, { live: number !== null && owner.uid === 'kibana-uid' ? version : undefined });
  return { ...o.repo, status: repoStatus(o, decideRepo(o)) }; // as far as it is read
}

function viewOf(what: string): AliasFound {
  const { lock, ...view } = { ...resting.engine!, ...befallen[what] };
  const stored = { kind: 'lock', alias: 'kibana', lease: lock ?? { ...lease, held: false, holder: null } } as const;
  return { ...view, lock: { id: 'lock', source: stored, stand: { seqNo: 1, primaryTerm: 1 } } };
}

describe('what a look at all aliases finds', () => {
  it.each(situations)('is no news where the status says so already: %s', what => {
    const repo = toldOf(what);
    expect(isAliasNews(repo, viewOf(what))).toBe(false);
  });

  const pairs = situations.flatMap(told => situations.filter(each => each !== told).map(seen => ({ told, seen })));
  it.each(pairs)('is news where the status says that $told, and $seen', ({ told, seen }) => {
    expect(isAliasNews(toldOf(told), viewOf(seen))).toBe(true);
  });

  it('is no news before the first look in full, and while the engine could not be asked', () => {
    expect(isAliasNews(resting.repo, viewOf('the alias was taken away'))).toBe(false);
    const away = { ...resting, engine: undefined, hindrance: { reason: 'EngineUnavailable', message: '' } } as const;
    const repo = { ...resting.repo, status: repoStatus(away, decideRepo(away)) } as IndexedRepo;
    expect(isAliasNews(repo, viewOf('the alias was taken away'))).toBe(false);
  });
});
