import { expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { aTenant } from '../../support/real/a-tenant.ts';
import { declareRepo } from '../../support/real/a-declared-repo.ts';
import type { ControlStage } from '../../support/real/control-stage.ts';
import type { AuditEvent } from '../../support/real/control-plane.ts';
import { eventually } from '../../support/checks/eventually.ts';
import { expectOneVersion } from '../../support/checks/expect-one-version.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import { forward, type Exchange } from '../../support/real/http-fault-proxy.ts';
import type { OperatorProcess } from '../../support/real/operator-process.ts';
import { portsOf } from '../../support/real/sockets-of.ts';
import { places, standAt, type Place, type StandingRun } from '../../support/real/standing-run.ts';
import { sampleOf, seed } from '../../support/objects/sampled.ts';

const takeOverMs = 60_000;

/** F3: the leader is halted with its next write in hand, and the one that follows ends the run meanwhile. */
export const leaderHalted: FaultRow<ControlStage> = {
  id: 'F3',
  fault: 'leader SIGSTOP past its Lease, right before it switches, returns or deletes',
  withinMs: 360_000,
  run: async (shared, record) => {
    const stage = await aTenant(shared, record, { namespace: 'f3' });
    for (const place of sampleOf(places.length, places)) {
      record.remark(`seed ${seed}: ${place}`);
      const repo = await declareRepo(stage, `f3-${place}`);
      await repo.untilLive(repo.commit);
      const run = await standAt(place, repo, { stage, record });
      await stage.operator().stop();
      const observer = await repo.observed(record);
      await wakeLate(stage, record, run);
      await observer.stop();
    }
  },
};

async function wakeLate(stage: ControlStage, record: Parameters<typeof leaderHalted.run>[1], run: StandingRun) {
  const { repo, place } = run;
  const old = await aReplica(stage, `old-${place}`);
  await untilLeading(old);
  const next = await aReplica(stage, `next-${place}`);
  const ahead = holdBeforeWrite(stage, old.pid, run);
  record.atEnd(async () => ahead.release());
  record.attempt();
  await run.goOn();
  await ahead.reached;
  old.signal('SIGSTOP');
  const haltedMs = performance.now();
  ahead.release();
  const written = writesOf(stage, old.pid);
  await untilLeading(next);
  const ended = await repo.untilEnded(run.request);
  record.recovered(performance.now() - haltedMs);
  old.signal('SIGCONT');
  record.inject();
  await eventually('the old leader has ended', 20_000, () => old.hasEnded);
  expect(ended.status.phase).toBe(place === 'bake' ? 'RolledBack' : 'Succeeded');
  expect(written()).toEqual([]);
  expect(lateWrites(stage, place)).toEqual([]);
  await expectOneVersion(stage, repo, versionsAfter(place, repo.name));
  await next.stop();
  await stage.start();
}

function versionsAfter(place: Place, name: string) {
  if (place === 'bake') return { live: `${name}-v1`, retired: [`${name}-v2`] };
  return { live: `${name}-v2`, retired: place === 'gate' ? [`${name}-v1`] : [] };
}

/** Under a user of its own, so that the audit log says which of the two wrote. */
async function aReplica(stage: ControlStage, user: string): Promise<OperatorProcess> {
  const env = {
    KUBECONFIG: await stage.plane.kubeconfigOf(user),
    REINDEER_LEADER_ELECTION: 'true',
    REINDEER_INSTALLATION: 'f3-pair',
    REINDEER_ALIAS_LOOK_SECONDS: '10',
  };
  return stage.start({ env });
}

async function untilLeading(operator: OperatorProcess): Promise<void> {
  await eventually(
    'it leads',
    takeOverMs,
    () => operator.output.includes('"lease taken"'),
    () => operator.output.slice(-3000),
  );
}

/** Holds the answer to what a process reads right before it changes an alias, or deletes a version. */
function holdBeforeWrite(stage: ControlStage, pid: number, { repo: { name }, place }: StandingRun) {
  const reached = Promise.withResolvers<undefined>();
  const released = Promise.withResolvers<undefined>();
  const asked = { looks: 0, members: 0 };
  const isLast = async ({ path }: Exchange): Promise<boolean> => {
    if (place === 'readers') return path === `/${name}-v1`;
    if (path === `/_resolve/index/${name}`) asked.looks += 1;
    if (path !== `/${name}/_alias`) return false;
    const number = ++asked.members;
    // A look asks for both at once.
    await sleep(200);
    return number > asked.looks;
  };
  stage.engineWire.fate = async exchange => {
    if (portsOf(pid).has(exchange.from ?? 0) && (await isLast(exchange))) {
      reached.resolve(undefined);
      await released.promise;
    }
    return forward;
  };
  return { reached: reached.promise, release: () => released.resolve(undefined) };
}

/** What this process changes in the engine from now on. */
function writesOf(stage: ControlStage, pid: number): () => readonly string[] {
  const written: string[] = [];
  stage.engineWire.fate = ({ method, path, from }) => {
    const isRead = method === 'GET' || method === 'HEAD' || /\/_(search|mget|count)$/.test(path);
    if (!isRead && portsOf(pid).has(from ?? 0)) written.push(`${method} ${path}`);
    return forward;
  };
  return () => written;
}

/** Writes to the API server of the old one since the next one held the Lease, but for the Lease itself. */
function lateWrites({ plane }: ControlStage, place: Place): readonly AuditEvent[] {
  const writes = plane.auditEvents().filter(({ verb }) => ['create', 'update', 'patch', 'delete'].includes(verb));
  const of = (user: string): readonly AuditEvent[] =>
    writes.filter(event => event.user?.username === `${user}-${place}`);
  const isLease = ({ objectRef }: AuditEvent): boolean => objectRef?.resource === 'leases';
  const taken = of('next').find(event => isLease(event) && event.responseStatus?.code === 200)?.stageTimestamp ?? '';
  expect(taken).not.toBe('');
  return of('old').filter(event => !isLease(event) && event.requestReceivedTimestamp > taken);
}
