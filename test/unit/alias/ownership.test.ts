import { describe, expect, it } from '@jest/globals';
import { bareClaimant, claimantOf } from '../../../src/alias/claimant.ts';
import type { AliasSide } from '../../../src/alias/observe.ts';
import { aliasLost, aliasTrouble, isHeir, isLeftBehind } from '../../../src/alias/ownership.ts';
import { keys } from '../../../src/api/meta.ts';
import { publicAlias } from '../../../src/domain/document-model.ts';
import { aFreshRun, engineOf } from '../../support/objects/a-run.ts';
import { anIndexedRepo } from '../../support/objects/an-object.ts';

const side = engineOf(aFreshRun());
const { record } = side;
const owned = (owner: object): Partial<AliasSide> => ({
  record: { ...record!, owner: { ...record!.owner, ...owner } },
});
const serving = (...indices: readonly string[]): Partial<AliasSide> => ({
  members: indices.map(index => ({ index, properties: publicAlias })),
});
const withProperties = (properties: object): Partial<AliasSide> => ({ members: [{ index: 'kibana-v1', properties }] });

describe('an alias', () => {
  it.each<readonly [string, Partial<AliasSide>, string | undefined]>([
    ['is no trouble when it serves the live version', {}, undefined],
    [
      'is no trouble when nobody owns it and nothing is there',
      { record: undefined, members: [], aliasIs: 'none' },
      undefined,
    ],
    ['is no trouble when it was left behind', owned({ uid: '' }), undefined],
    [
      'is no trouble between a switch and its record',
      { record: { ...record!, candidate: 2 }, ...serving('kibana-v2') },
      undefined,
    ],
    [
      'is no trouble where an engine leaves out what is false',
      withProperties({ ...publicAlias, is_hidden: false }),
      undefined,
    ],
    ['that is a concrete index is AliasIsIndex', { aliasIs: 'index' }, 'AliasIsIndex'],
    [
      'that another IndexedRepo owns is AliasOwnedElsewhere',
      owned({ uid: 'other', name: 'other' }),
      'AliasOwnedElsewhere',
    ],
    [
      'that the command line owns is AliasOwnedElsewhere',
      owned({ uid: 'cli', namespace: '', name: 'cli' }),
      'AliasOwnedElsewhere',
    ],
    [
      'that serves what nobody knows, with no record, is AliasAmbiguous',
      { record: undefined, ...serving('foreign') },
      'AliasAmbiguous',
    ],
    ['that serves another index is Drifted', serving('foreign'), 'Drifted'],
    ['that serves one index more is Drifted', serving('kibana-v1', 'foreign'), 'Drifted'],
    ['that serves a retired version is Drifted', { record: { ...record!, live: 3, retired: [1] } }, 'Drifted'],
    ['without its filter is Drifted', withProperties({}), 'Drifted'],
    ['with another filter is Drifted', withProperties({ filter: { term: { doc: 'file' } } }), 'Drifted'],
    ['with a routing is Drifted', withProperties({ ...publicAlias, index_routing: '1' }), 'Drifted'],
    ['that became hidden is Drifted', withProperties({ ...publicAlias, is_hidden: true }), 'Drifted'],
  ])('%s', (_row, change, reason) => {
    expect(aliasTrouble(claimantOf(anIndexedRepo()), { ...side, ...change })?.reason).toBe(reason);
  });

  it('is never the settings index, and nobody is told to delete that', () => {
    const repo = anIndexedRepo({ spec: { alias: 'reindeer-settings' } });
    const trouble = aliasTrouble(claimantOf(repo), { ...side, aliasIs: 'index', record: undefined, members: [] });
    expect(trouble).toMatchObject({ reason: 'AliasIsIndex' });
    expect(trouble?.message).toMatch(/settings index.*choose another alias/);
    expect(trouble?.message).not.toContain('delete');
  });

  it('says who owns it', () => {
    const elsewhere = aliasTrouble(claimantOf(anIndexedRepo()), {
      ...side,
      ...owned({ uid: 'x', namespace: 'sales', name: 'shop' }),
    });
    expect(elsewhere?.message).toContain('IndexedRepo sales/shop');
    const outside = aliasTrouble(claimantOf(anIndexedRepo()), {
      ...side,
      ...owned({ uid: 'cli', namespace: '', name: 'cli/laptop' }),
    });
    expect(outside?.message).toContain('cli/laptop, outside this operator');
  });

  it('of requests is never that of an IndexedRepo, whatever that asks for, and whether it is let go or not', () => {
    const bare = bareClaimant({ alias: 'kibana', namespace: 'team', operator: 'kubernetes-uid' });
    const copied = { ...side, ...owned({ ...bare, operator: 'kubernetes-uid' }), ownerLives: false };
    const asking = claimantOf(anIndexedRepo({ metadata: { annotations: { [keys.takeOverFrom]: bare.uid } } }));
    expect(isHeir(asking, copied)).toBe(false);
    const { reason, message } = aliasTrouble(asking, copied) ?? {};
    expect(reason).toBe('AliasOwnedElsewhere');
    expect(message).toContain(`belongs to the requests of namespace team, uid ${bare.uid}`);
    expect(message).toContain(`reindeer lock release-owner kibana --uid ${bare.uid}`);
    const released = { ...copied, ...owned({ ...bare, uid: '' }) };
    expect([isLeftBehind(asking, released), isLeftBehind(bare, released)]).toEqual([false, true]);
    expect(aliasTrouble(asking, released)).toEqual({
      reason: 'AliasOwnedElsewhere',
      message:
        '"kibana" serves what the requests of namespace team copied, and is for a request that adopts it: choose another alias',
    });
  });

  it('is lost when it should serve a version and points at nothing', () => {
    expect(aliasLost(claimantOf(anIndexedRepo()), { ...side, members: [] })?.reason).toBe('Drifted');
    expect(aliasLost(claimantOf(anIndexedRepo()), side)).toBeUndefined();
    expect(
      aliasLost(claimantOf(anIndexedRepo()), { ...side, members: [], record: { ...record!, live: null } }),
    ).toBeUndefined();
    expect(aliasLost(claimantOf(anIndexedRepo()), { ...side, members: [], record: undefined })).toBeUndefined();
  });
});
