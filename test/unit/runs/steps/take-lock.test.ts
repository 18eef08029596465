import { describe, expect, it } from '@jest/globals';
import { keys } from '../../../../src/api/meta.ts';
import { waitsFor } from '../../../../src/runs/begin.ts';
import { newestCommit } from '../../../../src/runs/newest-commit.ts';
import type { Observed } from '../../../../src/runs/observed.ts';
import { aliasTarget } from '../../../../src/runs/target.ts';
import { takeLock } from '../../../../src/runs/steps/take-lock.ts';
import type { Waits } from '../../../../src/runs/line.ts';
import { aBegunCopy, aCopyRequest, aSwitchedCopy, copied, withIndex } from '../../../support/objects/a-copy.ts';
import {
  answered,
  asRequest,
  aCreatedRun,
  aFreshRun,
  aJob,
  aLockedRun,
  aSwitchedRun,
  aVersionIndex,
  brokenLock,
  engineOf,
  heldLock,
  onEngine,
  onRecord,
  aTarget,
} from '../../../support/objects/a-run.ts';
import { saidBy, undoOf, verdictOf, type Row } from '../../../support/objects/a-verdict.ts';
import { aReindexRequest, at, t0 } from '../../../support/objects/an-object.ts';

const fresh = aFreshRun();
const stranger = { kind: 'External' as const, name: 'cli/laptop:1', uid: 'cli', pod: 'p' };
const otherRun = { kind: 'Heavy' as const, name: 'ReindexRequest/other', uid: 'other-uid', pod: '' };
const leaving = aTarget({ metadata: { deletionTimestamp: at(0) } });
const atWork = aReindexRequest({ status: { started: at(0) } });
const rollback = aReindexRequest({ spec: { strategy: 'Rollback' } });
/** Of an alias that applications write to, which was adopted; and that of a request that may not adopt one. */
const copy = onEngine(answered(aBegunCopy(), newestCommit, undefined), { lock: fresh.engine?.lock });
const plain = aCopyRequest({}, { adopt: false });
const plainCopy = { ...asRequest(copy, plain), target: aliasTarget(plain, 'orders', 'kubernetes-uid') };
const kept = aTarget({ metadata: { finalizers: [keys.finalizer] } });
const ahead = { position: 1, behind: 'ReindexRequest/x' };
const paused = aTarget({ spec: { paused: true } });
const unreachable = { is: 'problem', lasting: false, reason: 'RemoteUnreachable', message: '' } as const;
const refused = { ...unreachable, lasting: true, reason: 'AuthenticationFailed' } as const;

/** The alias serves kibana-v2, which another request built, and the record says kibana-v1. */
function switched(version: object = {}, meta: object = {}): Observed {
  const { engine } = aSwitchedRun();
  const indices = [aVersionIndex(1), aVersionIndex(2, { requestUid: 'other-uid', ...meta })];
  const versions = engineOf(aSwitchedRun()).versions.map(each => ({ ...each, ...version }));
  return { ...aSwitchedRun(), engine: { ...engine!, indices, versions } };
}

/** The alias serves orders-v2, which the copy of another request made, and the record says version 1. */
function switchedCopy(): Observed {
  const o = aSwitchedCopy();
  const meta = { ...engineOf(o).indices.find(({ name }) => name === copied)?.meta, requestUid: 'other-uid' };
  return { ...withIndex(o, copied, { meta }), jobs: [] };
}

describe('take-lock', () => {
  it.each<Row>([
    ['is done once the lock is its own', aLockedRun(), 'done'],
    ['first records what a run that died had switched', switched(), 'act: record-switch/kibana-v2'],
    ['first records what a copy that died had switched', switchedCopy(), 'act: record-switch/orders-v2'],
    ['records no version that was never verified', switched({ commit: null }), 'done'],
    ['records no version of somebody else', switched({}, { ownerUid: 'other' }), 'done'],
    ['takes a lock that is free', fresh, 'act: take-lock/kibana'],
    ['takes a lock that nobody ever held', onEngine(fresh, { lock: undefined }), 'act: take-lock/kibana'],
    [
      'claims an alias that nobody owns',
      onEngine({ ...fresh, target: kept }, { record: undefined, members: [] }),
      'act: claim-alias/kibana',
    ],
    [
      'waits with the claim for the finalizer of the IndexedRepo',
      onEngine(fresh, { record: undefined, members: [] }),
      'wait: Pending',
    ],
    [
      'claims an alias that was left behind',
      onRecord(
        { ...fresh, target: kept },
        { owner: { clusterUuid: 'cluster', namespace: 'team', name: 'former', uid: '' } },
      ),
      'act: claim-alias/kibana',
    ],
    [
      'claims an alias of applications that nobody owns, where it may adopt it',
      onEngine(copy, { record: undefined, versions: [] }),
      'act: claim-alias/orders',
    ],
    [
      'adopts what that serves before it takes the lock',
      onRecord(onEngine(copy, { versions: [] }), { ...copy.engine?.record, live: null, nextVersion: 1 }),
      'act: adopt-index/orders-v1',
    ],
    ['asks for no commit of what has no source, and takes its lock', copy, 'act: take-lock/orders'],
    ['takes the lock of what was adopted, whoever asks for it', plainCopy, 'act: take-lock/orders'],
    [
      'fails where it would have to adopt it, and may not',
      onEngine(plainCopy, { record: undefined, versions: [] }),
      'fail: AdoptionNeeded',
    ],
    [
      'fails where that is what an IndexedRepo owns',
      onRecord(copy, { ...copy.engine?.record, owner: { ...engineOf(fresh).record!.owner } }),
      'fail: AliasOwnedElsewhere',
    ],
    [
      'takes over from a request that Kubernetes knows no more',
      onEngine(fresh, { lock: heldLock({ holderGone: true }, { holder: otherRun }) }),
      'act: take-over-lock/kibana',
    ],
    [
      'takes over from an outside program that was silent for a whole lease',
      onEngine(fresh, { lock: heldLock({ stillMs: 60_000 }, { holder: stranger }) }),
      'act: take-over-lock/kibana',
    ],
    [
      'waits for an outside program that was heard of within its lease',
      onEngine(fresh, { lock: heldLock({ stillMs: 59_999, holderGone: true }, { holder: stranger }) }),
      'wait: Queued',
    ],
    [
      'waits for another request however long it is silent: Kubernetes says that it lives',
      onEngine(fresh, { lock: heldLock({ stillMs: 999_000 }, { holder: otherRun }) }),
      'wait: Queued',
    ],
    ['waits for its turn', { ...fresh, ahead }, 'wait: Queued'],
    [
      'is not asked what is in its way before its turn comes',
      answered({ ...fresh, ahead }, newestCommit, unreachable),
      'wait: Queued',
    ],
    [
      'says what is in its way while it stands aside, though it is not its turn',
      answered({ ...fresh, ahead, aside: true }, newestCommit, unreachable),
      'wait: RemoteUnreachable',
    ],
    [
      'asks what it has to know for that',
      answered({ ...fresh, ahead, aside: true }, newestCommit, undefined),
      'ask: newest commit of the ref',
    ],
    ['waits for its turn once nothing else is in its way', { ...fresh, ahead, aside: true }, 'wait: Queued'],
    [
      'waits while something hinders it',
      { ...fresh, hindrance: { reason: 'ClusterNotReady', message: '' } },
      'wait: ClusterNotReady',
    ],
    ['waits while the engine was not asked', { ...fresh, engine: undefined }, 'wait: EngineUnavailable'],
    ['waits while the IndexedRepo is paused', { ...fresh, target: paused }, 'wait: PausedBySpec'],
    [
      'goes back even while the IndexedRepo is paused',
      asRequest({ ...fresh, target: paused }, rollback),
      'act: take-lock/kibana',
    ],
    [
      'waits without the lock while the remote is away',
      answered(fresh, newestCommit, unreachable),
      'wait: RemoteUnreachable',
    ],
    ['leaves a remote that refuses to preflight', answered(fresh, newestCommit, refused), 'act: take-lock/kibana'],
    ['waits for an IndexedRepo that comes right after it', { ...fresh, target: undefined }, 'wait: TargetNotFound'],
    [
      'waits no longer than five minutes for that',
      { ...fresh, target: undefined, now: new Date(t0.getTime() + 300_000) },
      'fail: TargetNotFound',
    ],
    [
      'fails at once without the IndexedRepo that it was at work for',
      { ...fresh, target: undefined, request: atWork },
      'fail: TargetDeleted',
    ],
    ['fails when the IndexedRepo is being deleted', { ...fresh, target: leaving }, 'fail: TargetNotFound'],
    [
      'fails when the IndexedRepo is deleted under a run',
      { ...fresh, target: leaving, request: atWork },
      'fail: TargetDeleted',
    ],
    ['fails when the alias is an index', onEngine(fresh, { aliasIs: 'index' }), 'fail: AliasIsIndex'],
    [
      'fails when somebody else owns the alias',
      onRecord(fresh, { owner: { clusterUuid: 'cluster', namespace: 'x', name: 'y', uid: 'z' } }),
      'fail: AliasOwnedElsewhere',
    ],
    [
      'fails when somebody broke its lock, before any Job was there',
      onEngine(fresh, { lock: brokenLock('run-uid') }),
      'fail: LockBroken',
    ],
    [
      'fails when somebody broke its lock and another run holds it by now',
      onEngine(fresh, { lock: { ...brokenLock('run-uid'), lease: heldLock({}, { holder: otherRun }).lease } }),
      'fail: LockBroken',
    ],
    [
      'takes a lock that was once broken under another run',
      onEngine(fresh, { lock: brokenLock('other-uid') }),
      'act: take-lock/kibana',
    ],
    ['fails when it lost the lock while its Jobs were at work', { ...fresh, jobs: [aJob()] }, 'fail: LockLost'],
    [
      'fails when it lost the lock while its Job was made anew',
      onEngine(aCreatedRun(), { lock: aFreshRun().engine?.lock }),
      'fail: LockLost',
    ],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(takeLock, o)).toBe(verdict);
  });

  it('says of a lock that it may not take over yet who holds it in silence, and what a human can do', () => {
    const doubt = { reason: 'OperatorTwin', message: 'another operator works here' } as const;
    const lock = heldLock({ stillMs: 60_000 }, { holder: stranger });
    const silent = takeLock.look(onEngine(fresh, { lock, doubt }));
    expect(silent).toMatchObject({ is: 'wait', reason: 'OperatorTwin' });
    const told = /another operator works here; the lock is held by cli.laptop:1, which is silent: .* lock break kibana/;
    expect(silent).toMatchObject({ message: expect.stringMatching(told) });
    const heard = takeLock.look(onEngine(fresh, { lock: { ...lock, stillMs: 0 }, doubt }));
    expect(heard).toMatchObject({ message: expect.stringMatching(/until it has not renewed its lease of 60 s$/) });
  });

  it('never lets the token shrink: status and indices remember it when the settings index does not', () => {
    const lock = { holder: 'x', kind: 'Heavy', token: 41, since: at(0) } as const;
    const verdict = takeLock.look({ ...fresh, target: aTarget({ status: { lock } }) });
    expect(saidBy(verdict)).toMatchObject([{ name: 'take-lock', tokenFloor: 41, leaseSeconds: 60 }]);
  });

  it("gives back its own lock and nobody else's when a run ends badly", () => {
    expect(undoOf(takeLock, aLockedRun())).toEqual(['release-lock/kibana']);
    expect(undoOf(takeLock, fresh)).toEqual([]);
    expect(undoOf(takeLock, onEngine(fresh, { lock: heldLock({}, { holder: otherRun }) }))).toEqual([]);
  });
});

describe('a request that has not begun', () => {
  const lockedElsewhere = onEngine(fresh, { lock: heldLock({}, { holder: stranger }) });
  const unowned = onEngine(fresh, { record: undefined, members: [] });
  it.each<readonly [string, Observed, Waits]>([
    ['begins when it is its turn', fresh, 'begins'],
    ['stands in line before', { ...fresh, ahead }, 'in line'],
    ['stands in line again once nothing else is in its way', { ...fresh, ahead, aside: true }, 'in line'],
    ['stands aside for its remote', answered(fresh, newestCommit, unreachable), 'aside'],
    ['stands aside for another holder of its alias', lockedElsewhere, 'aside'],
    ['stays aside though it is not its turn', { ...lockedElsewhere, ahead, aside: true }, 'aside'],
    ['stands aside for its cluster', { ...fresh, ahead, hindrance: { reason: 'ClusterPaused', message: '' } }, 'aside'],
    ['begins while its IndexedRepo is a moment behind it', unowned, 'begins'],
    ['stands aside once that has lasted too long', { ...unowned, aside: true }, 'aside'],
  ])('%s', (_row, o, waits) => {
    expect(waitsFor(o)).toBe(waits);
  });

  it('shows its place in line, and aside the one that it had', () => {
    const before = { position: 4, behind: 'ReindexRequest/y' };
    const queued = asRequest(fresh, aReindexRequest({ status: { queue: before } }));
    const shown = (o: Observed) => takeLock.tell?.of(o, takeLock.look(o));
    expect(shown({ ...queued, ahead })).toEqual(ahead);
    expect(shown(answered({ ...queued, ahead, aside: true }, newestCommit, unreachable))).toEqual(before);
    expect(shown(answered(queued, newestCommit, unreachable))).toEqual(before);
    expect(shown({ ...lockedElsewhere, ahead, aside: true })).toEqual({ position: 1, behind: 'cli/laptop:1' });
    expect(shown(queued)).toBeUndefined();
  });
});
