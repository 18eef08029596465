import { setTimeout as sleep } from 'node:timers/promises';
import { BusyEngine } from '../busy-engine.ts';
import { forward, type Exchange, type Fate, type Reply } from '../http-fault-proxy.ts';
import { oneOf, type LifeFault, type LifeScene } from './scene.ts';

const lastsMs = 6_000;
/** Of all replies to writes, so many are lost while the fault lasts. */
const lostShare = 0.25;

/** What the engine, the Git host and the ways to them do to operators and workers. */
export const faultsOfEngine: readonly LifeFault[] = [
  { row: 'F11', name: 'replies to writes lost', times: 5, strike: repliesLost },
  {
    row: 'F12',
    name: 'engine busy, whole and in parts',
    times: 4,
    strike: async ({ stage, record }) => {
      const busy = new BusyEngine(0);
      stage.engineWire.fate = exchange => busy.fate(exchange);
      await sleep(lastsMs);
      stage.engineWire.fate = () => forward;
      record.inject(Math.min(1, busy.refusedRequests));
    },
  },
  {
    row: 'F13',
    name: 'engine killed',
    times: 2,
    strike: async ({ stage: { node }, record }) => {
      await node.kill();
      record.inject();
      await node.start();
    },
  },
  // Longer than the lease of a writer; longer than that of an alias.
  { row: 'F14', name: 'engine halted for 20 s', times: 1, strike: async scene => halted(scene, 20_000) },
  { row: 'F14', name: 'engine halted for 70 s', times: 1, strike: async scene => halted(scene, 70_000) },
  {
    row: 'F21',
    name: 'password of the engine rotated',
    times: 1,
    needs: 'users',
    strike: async ({ login, runs, record }) => {
      // A worker that may not write how it ended says so by its exit code alone.
      const wrong = ['AuthenticationFailed', 'WorkerFailed'];
      const since = runs.excuse(wrong);
      await login?.rotate();
      record.inject();
      await sleep(lastsMs / 2);
      runs.excuse(wrong, since);
      await login?.tell();
    },
  },
  git('host gone', () => ({ is: 'reset' }), ['RemoteUnreachable']),
  git('503', () => ({ is: 'answer', status: 503, body: {} }), ['RemoteUnreachable']),
  git('pack cut off', onPack({ is: 'lose-reply' }), ['RemoteUnreachable']),
  git('pack corrupt', onPack({ is: 'rewrite', reply: corrupted }), ['RemoteUnreachable']),
  git(
    'asks for a password',
    () => ({ is: 'answer', status: 401, body: {}, headers: { 'www-authenticate': 'Basic realm="git"' } }),
    ['AuthenticationFailed'],
  ),
  { row: 'F24', name: 'Git: branch gone', times: 1, strike: branchGone },
];

async function halted({ stage: { node }, record }: LifeScene, forMs: number): Promise<void> {
  node.halt();
  record.inject();
  await sleep(forMs);
  node.resume();
}

async function repliesLost({ stage, roll, record }: LifeScene): Promise<void> {
  let lost = 0;
  stage.engineWire.fate = exchange => {
    if (!isWrite(exchange) || roll() > lostShare) return forward;
    lost += 1;
    return { is: 'lose-reply' };
  };
  await sleep(lastsMs);
  stage.engineWire.fate = () => forward;
  record.inject(Math.min(1, lost));
}

function isWrite({ method, path }: Exchange): boolean {
  if (method === 'PUT' || method === 'DELETE') return true;
  return method === 'POST' && (path.endsWith('/_bulk') || path === '/_aliases' || path.includes('/_create/'));
}

/** While it lasts people push, so that somebody asks; `reasons`: what a run may end with for it. */
function git(name: string, fate: (exchange: Exchange) => Fate, reasons: readonly string[]): LifeFault {
  return {
    row: 'F24',
    name: `Git: ${name}`,
    times: 1,
    strike: async scene => {
      const { runs, repos, roll, record } = scene;
      let done = 0;
      const since = runs.excuse(reasons);
      scene.git.fate = exchange => {
        const chosen = fate(exchange);
        if (chosen.is !== 'forward') done += 1;
        return chosen;
      };
      for (let n = 0; n < 2; n += 1) await oneOf(repos, roll)?.push('add', Math.floor(roll() * 1e6), true);
      await sleep(lastsMs);
      runs.excuse(reasons, since);
      scene.git.fate = () => forward;
      record.inject(Math.min(1, done));
    },
  };
}

function onPack(fate: Fate) {
  return ({ method, path }: Exchange): Fate =>
    method === 'POST' && path.endsWith('/git-upload-pack') ? fate : forward;
}

/** One bit in the middle of a pack is another one. */
function corrupted(reply: Reply): Reply {
  const body = Buffer.from(reply.body);
  const middle = Math.floor(body.length / 2);
  body[middle] = (body[middle] ?? 0) ^ 0x10;
  return { ...reply, body };
}

/** Of a repository that has something to do; what its branch held is there again afterwards. */
async function branchGone({ runs, repos, roll, record }: LifeScene): Promise<void> {
  const busy = repos.filter(({ name }) => runs.underWay(name).length > 0);
  const repo = oneOf(busy.length > 0 ? busy : repos, roll);
  await repo?.alone(async () => {
    const gone = ['RefNotFound', 'EmptyRepository'];
    const since = runs.excuse(gone);
    const { repository } = repo.declared;
    await repository.git('update-ref', '-d', 'refs/heads/main');
    record.inject();
    await repo.tell('gone');
    await sleep(lastsMs);
    runs.excuse(gone, since);
    await repository.git('update-ref', 'refs/heads/main', repo.head);
  });
}
