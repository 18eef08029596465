import { describe, expect, it } from '@jest/globals';
import { bareTrouble, type BareClaimant } from '../../../src/alias/bare-trouble.ts';
import { bareClaimant } from '../../../src/alias/claimant.ts';
import type { AliasSide } from '../../../src/alias/observe.ts';
import type { AliasRecord } from '../../../src/domain/records.ts';
import { mainRole } from '../../../src/domain/version.ts';
import type { IndexDescription } from '../../../src/engine/port.ts';
import { anOwner, aVersionRecord } from '../../support/objects/a-record.ts';

const claimant = bareClaimant({ alias: 'orders', namespace: 'shop', operator: 'kubernetes-one' });
const asking: BareClaimant = { ...claimant, adopt: false };
const adopting: BareClaimant = { ...claimant, adopt: true };
const ours = anOwner({ namespace: 'shop', name: '', uid: claimant.uid, operator: 'kubernetes-one' });

function anIndex(name: string, meta: object = {}): IndexDescription {
  return { name, aliases: { orders: {} }, mappings: {}, settings: {}, meta: { ...meta } };
}

/** An alias of one index that applications made. */
const side: AliasSide = {
  settingsIndex: 'reindeer-settings',
  aliasIs: 'alias',
  members: [{ index: 'orders-2024', properties: {} }],
  record: undefined,
  versions: [],
  indices: [anIndex('orders-2024')],
  scratch: [],
  beside: [],
};

const record: AliasRecord = {
  ...{ kind: 'alias', alias: 'orders', owner: ours, live: 1, candidate: null, retired: [], writeSet: [1] },
  ...{ nextVersion: 2, tokenCounter: 0 },
};
const member = { role: mainRole, index: 'orders-2024', properties: {} };
const adopted = aVersionRecord({
  ...{ alias: 'orders', number: 1, index: 'orders-2024', ownerUid: claimant.uid, phase: 'Live' },
  ...{ repoUrl: '', commit: null, members: [member] },
});
/** The same after a run of this namespace has taken it over. */
const known: Partial<AliasSide> = { record, versions: [adopted] };
const serving = (...indices: readonly string[]): Partial<AliasSide> => ({
  members: indices.map(index => ({ index, properties: {} })),
  indices: indices.map(index => anIndex(index)),
});
const ownedBy = (owner: object): Partial<AliasSide> => ({ record: { ...record, owner: { ...ours, ...owner } } });

describe('an alias that applications write to', () => {
  it.each<readonly [string, Partial<AliasSide>]>([
    ['that is there', {}],
    ['that a request before was about to adopt', { record: { ...record, live: null, writeSet: [], nextVersion: 1 } }],
    ['that was let go, with what it serves', { ...known, ...ownedBy({ uid: '' }) }],
    ['of an index that a copy filled, whose records were lost', { indices: [anIndex('orders-2024', copied())] }],
    ['of an index that other aliases nobody owns have as well', { beside: [beside('orders-read', '')] }],
  ])('%s can be adopted, and is not without being asked to', (_row, change) => {
    expect(bareTrouble(adopting, { ...side, ...change })).toBeUndefined();
    expect(bareTrouble(asking, { ...side, ...change })).toMatchObject({ reason: 'AdoptionNeeded' });
  });

  it.each<readonly [string, Partial<AliasSide>]>([
    ['as it was', {}],
    ['with a filter that somebody gave it since', { members: [{ index: 'orders-2024', properties: { filter: {} } }] }],
    [
      'between a switch and its record',
      { record: { ...record, candidate: 2, nextVersion: 3 }, ...serving('orders-v2') },
    ],
  ])('and was adopted is copied again without a word: %s', (_row, change) => {
    expect(bareTrouble(asking, { ...side, ...known, ...change })).toBeUndefined();
  });

  it.each<readonly [string, Partial<AliasSide>, string]>([
    ['is a concrete index, or a data stream', { aliasIs: 'index', members: [] }, 'AliasIsIndex'],
    ['is not there', { aliasIs: 'none', members: [], indices: [] }, 'TargetNotFound'],
    ['stands for a data stream', { members: [], indices: [] }, 'AliasAmbiguous'],
    ['stands for the index behind a data stream', serving('.ds-orders-000001'), 'AliasAmbiguous'],
    ['points at several indices', serving('orders-2023', 'orders-2024'), 'AliasAmbiguous'],
    ['belongs to an IndexedRepo', ownedBy({ name: 'orders', uid: 'uid-of-repo' }), 'AliasOwnedElsewhere'],
    [
      'belongs to another namespace',
      ownedBy({ namespace: 'far', uid: 'alias/kubernetes-one/far' }),
      'AliasOwnedElsewhere',
    ],
    [
      'belongs to the same namespace of another Kubernetes cluster',
      ownedBy({ operator: 'kubernetes-two', uid: 'alias/kubernetes-two/shop' }),
      'AliasOwnedElsewhere',
    ],
    [
      'serves what carries another owner',
      { indices: [anIndex('orders-2024', { ...copied(), ownerUid: 'alias/kubernetes-two/shop' })] },
      'AliasOwnedElsewhere',
    ],
    ['shares its index with an alias that has an owner', { beside: [beside('kibana', 'x')] }, 'AliasOwnedElsewhere'],
    [
      'serves what was built from Git, whose records were lost',
      { indices: [anIndex('orders-2024', { managedBy: 'reindeer', ownerUid: claimant.uid })] },
      'VersionDomain',
    ],
    [
      'serves what an IndexedRepo has left behind',
      { ...ownedBy({ uid: '' }), versions: [{ ...adopted, repoUrl: 'https://git.example.org/orders.git' }] },
      'VersionDomain',
    ],
    ['was adopted and moved since', { ...known, ...serving('orders-2025') }, 'Drifted'],
    ['was adopted and got another index since', { ...known, ...serving('orders-2024', 'orders-2025') }, 'Drifted'],
    ['was adopted and is gone', { ...known, aliasIs: 'none', members: [], indices: [] }, 'Drifted'],
  ])('cannot be copied where it %s', (_row, change, reason) => {
    expect(bareTrouble(adopting, { ...side, ...change })?.reason).toBe(reason);
  });

  it('is never the settings index', () => {
    const { message = '' } = bareTrouble({ ...adopting, alias: 'reindeer-settings' }, side) ?? {};
    expect(message).toContain('settings index');
  });

  it('is refused with the names of what it serves, and of whom it belongs to', () => {
    const said = (change: Partial<AliasSide>) => bareTrouble(asking, { ...side, ...change })?.message;
    expect(said({})).toBe(
      '"orders" serves orders-2024, and no run of this namespace has taken it over: spec.adopt of a request does',
    );
    expect(said(serving('orders-2023', 'orders-2024'))).toContain('2 indices, orders-2023, orders-2024');
    const repo = said(ownedBy({ name: 'orders', uid: 'uid-of-repo' }));
    expect(repo).toContain('belongs to IndexedRepo shop/orders, uid uid-of-repo');
    // There is no IndexedRepo that could be annotated.
    expect(repo).toContain('reindeer lock release-owner orders --uid uid-of-repo');
    expect(repo).not.toContain('annotate');
    expect(said(ownedBy({ namespace: 'far', uid: 'far' }))).toContain('belongs to the requests of namespace far');
    expect(said({ beside: [beside('kibana', 'x')] })).toContain('"kibana" is an alias of the same index');
  });
});

function copied(): object {
  return { managedBy: 'reindeer', ownerUid: claimant.uid, copied: { from: 'orders-2023', checkpoints: {} } };
}

function beside(alias: string, uid: string): AliasSide['beside'][number] {
  return { alias, members: [], owner: anOwner({ uid }) };
}
