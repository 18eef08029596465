import { reindexRequestResource, type ReindexRequest } from '../../../src/api/reindex-request.ts';
import { strategies } from '../../../src/runs/strategies.ts';
import { aCopy, aWorldToCopy } from './a-copied-alias.ts';
import { World } from './a-world.ts';
import { aZonedCluster, inBuildZone } from './a-zoned-world.ts';

/** What is done to a run from outside. */
export const controls = ['abort', 'pause', 'delete', 'kill'] as const;
export type Control = (typeof controls)[number];
type Name = ReindexRequest['spec']['strategy'];

/** Where a run stands when something is done to it. */
export type Stage = { readonly strategy: Name; readonly phase: string; readonly step: string };

export const stages: readonly Stage[] = Object.values(strategies).flatMap(({ name, steps }) =>
  steps.map(({ phase, name: step }) => ({ strategy: name, phase, step })),
);

const name = 'run';
const gates = ['BeforeSwitch', 'AfterBake'];
const spec = {
  gates,
  bake: { for: '2m' },
  warm: {},
  verify: { queries: [{ name: 'chunks', body: { term: { doc: 'chunk' } } }] },
};

/** By the clock of the world: sooner than a gate or a bake looks by itself, so the change has woken it. */
const mostSeconds = 5;

/** Nodes of more zones than one, so that a build goes by every step. */
async function aZonedWorldAtRest(): Promise<World> {
  const world = new World();
  world.startOperator();
  await aZonedCluster(world);
  await world.aRepo('kibana');
  await world.ready('kibana');
  return world;
}

/** Where the runs of a strategy are played. */
type Ground = {
  readonly alias: string;
  readonly make: () => Promise<World>;
  readonly begin: (world: World) => Promise<void>;
};

const grounds: Readonly<Record<Name, Ground>> = {
  Rebuild: {
    alias: 'kibana',
    make: aZonedWorldAtRest,
    begin: async world => world.aRequest(name, 'kibana', { strategy: 'Rebuild', ...spec, ...inBuildZone }),
  },
  Rollback: {
    alias: 'kibana',
    make: async () => {
      const world = await aZonedWorldAtRest();
      await secondVersion(world);
      return world;
    },
    begin: async world => world.aRequest(name, 'kibana', { strategy: 'Rollback', ...spec }),
  },
  Copy: {
    alias: 'orders',
    make: async () => {
      const { world, application } = await aWorldToCopy();
      application.callsToOne = 0;
      return world;
    },
    begin: async world => aCopy(world, { gates: ['BeforeSwitch'] }, name),
  },
};

/** Takes a run as far as a step, does this to it there, and says what came of it. */
export async function controlled({ strategy, step }: Stage, control: Control): Promise<string> {
  const ground = grounds[strategy];
  const { alias } = ground;
  const world = await ground.make();
  try {
    const stood = await world.serves(alias);
    const begun = await runTo(world, ground, step, async () => apply(world, control));
    return `${await came(world, control, { ...begun, alias })}; ${await left(world, alias, stood)}`;
  } finally {
    await world.stopOperator();
  }
}

async function secondVersion(world: World): Promise<void> {
  await world.aRepo('kibana', { index: { shards: 2 } });
  await world.until('v2 is live', async () => (await world.serves('kibana')).includes('kibana-v2'));
  await world.ready('kibana');
}

type Begun = { readonly atMs: number };
type Standing = Begun & { readonly alias: string };

/** Passes each gate but the one at which it is to stand; answers when the control was applied. */
async function runTo(world: World, { begin }: Ground, step: string, act: () => Promise<void>): Promise<Begun> {
  let atMs: number | undefined;
  world.meddle = async (call, carryOut) => {
    const answer = await carryOut();
    const isTold = call.what === `kube.patchStatus reindexrequests/${name}`;
    const { steps = [] } = isTold ? await world.request(name) : {};
    if (atMs !== undefined || !steps.some(each => each.name === step)) return answer;
    atMs = world.clock.elapsedMs();
    await act();
    return answer;
  };
  await begin(world);
  await world.until(`it stands at ${step}`, async () => {
    await approve(world, atMs === undefined);
    return atMs !== undefined;
  });
  return { atMs: atMs ?? 0 };
}

async function approve(world: World, wanted: boolean): Promise<void> {
  const { gate } = await world.request(name);
  if (wanted && gate !== undefined) await patch(world, { approved: gates.slice(0, gates.indexOf(gate) + 1) });
}

async function patch(world: World, spec: object): Promise<void> {
  await world.kube.patch(reindexRequestResource, { namespace: 'team', name }, undefined, { spec });
}

async function apply(world: World, control: Control): Promise<void> {
  if (control === 'abort') await patch(world, { abort: true });
  if (control === 'pause') await patch(world, { paused: true });
  if (control === 'delete') world.remove(reindexRequestResource, name);
  if (control === 'kill') {
    world.killOperator();
    world.startOperator();
  }
}

async function came(world: World, control: Control, { atMs, alias }: Standing): Promise<string> {
  const inTime = (what: string): string => {
    const seconds = Math.round((world.clock.elapsedMs() - atMs) / 1000);
    if (seconds > mostSeconds) throw new Error(`${what} only after ${seconds} s`);
    return what;
  };
  if (control === 'delete') {
    await world.until('it is gone', async () => !(await world.exists(reindexRequestResource, name)));
    return inTime('gone');
  }
  const ended = async (): Promise<string | undefined> => {
    const finished = await world.condition(reindexRequestResource, name, 'Finished');
    return finished?.status === 'True' ? finished.reason : undefined;
  };
  if (control === 'pause') return paused(world, alias, inTime, ended);
  const isAbort = control === 'abort';
  await world.until('it is over', async () => {
    await approve(world, !isAbort);
    return (await ended()) !== undefined;
  });
  const reason = (await ended()) ?? '';
  return isAbort ? inTime(reason) : reason;
}

/** Stands still, with nothing moved, until it may go on. A run that is over before it hears of the pause has no use for it. */
async function paused(
  world: World,
  alias: string,
  inTime: (what: string) => string,
  ended: () => Promise<string | undefined>,
): Promise<string> {
  const isPaused = async (): Promise<boolean> =>
    (await world.condition(reindexRequestResource, name, 'Paused'))?.reason === 'PausedBySpec';
  await world.until('it stands still', async () => (await isPaused()) || (await ended()) !== undefined);
  const reason = await ended();
  if (reason !== undefined) return inTime(reason);
  const stands = inTime('stands still');
  const serving = await world.serves(alias);
  const writes = world.writes.filter(isOfEngine).length;
  await world.pass(300, 5);
  const moved = world.writes.filter(isOfEngine).slice(writes);
  if (moved.length > 0 || String(await world.serves(alias)) !== String(serving))
    throw new Error(`a run that is paused moved: ${moved.join()}`);
  await patch(world, { paused: false });
  await world.until('it is over', async () => {
    await approve(world, true);
    return (await ended()) !== undefined;
  });
  return `${stands}, then ${(await ended()) ?? ''}`;
}

/** Of what is kept only the lock is written, which is renewed. */
function isOfEngine(what: string): boolean {
  return !what.startsWith('kube.') && !what.startsWith('documents.replace reindex_in_progress_');
}

async function left(world: World, alias: string, stood: readonly string[]): Promise<string> {
  if (await world.isLocked(alias)) throw new Error(`the lock is held\n${await world.describe()}`);
  const serving = await world.serves(alias);
  return String(serving) === String(stood) ? 'the version before serves' : 'the new version serves';
}
