import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { SituationName } from '../../../../src/api/situations.ts';
import { settingsOn } from '../../../../src/registry/settings.ts';
import { run } from '../../../bed/command.ts';
import { engineVariables } from '../../../bed/describe.ts';
import { HOST_ADDRESS } from '../../../bed/network.ts';
import type { BedState } from '../../../bed/state.ts';
import { secret } from '../../../support/real/installed.ts';
import { tcpProxy, type TcpProxy } from '../../../support/real/tcp-proxy.ts';
import type { Maker } from './play.ts';
import { aStage, type Ground, type Stage } from './stage.ts';

/** What is wrong with the engine, the Git host, or the way to them, while an alias serves. */
export const aroundServices = {
  'engine-secret-missing': async ground => {
    const stage = await aStage(ground, 'engine-secret-missing');
    return {
      stage,
      acts: {
        make: async () => {
          await stage.kubectl.run(['delete', 'secret', 'engine']);
          await stage.declare();
        },
        repair: () => stage.kubectl.apply(secret('engine', credentialsOf(ground.bed))),
      },
    };
  },
  'engine-away': async ground => {
    const relay = await relayTo(ground.bed, ground.bed.engine.url);
    const stage = await serving(ground, 'engine-away', { endpoints: [relay.url] });
    return { stage, acts: { make: relay.cut, repair: relay.mend }, close: relay.close };
  },
  'git-host-away': async ground => {
    const relay = await relayTo(ground.bed, ground.bed.git.url);
    const stage = await aStage(ground, 'git-host-away');
    await stage.declare({
      source: { url: `${relay.url}/${ground.path}`, ref: 'main', secretRef: { name: 'git' } },
    });
    await stage.served();
    // It is asked once a minute: that long it may be away unseen.
    return { stage, acts: { make: relay.cut, repair: relay.mend, unseenMs: 60_000 }, close: relay.close };
  },
  'wrong-password': async ground => {
    const stage = await serving(ground, 'wrong-password');
    await stage.kubectl.apply(secret('wrong', { ...credentialsOf(ground.bed), password: 'not-this-one' }));
    const authOf = (name: string) => ({ spec: { auth: { basic: { secretRef: { name } } } } });
    return {
      stage,
      acts: {
        make: () => stage.kubectl.patch('scluster', 'main', authOf('wrong')),
        repair: () => stage.kubectl.apply(secret('wrong', credentialsOf(ground.bed))),
      },
    };
  },
  'engine-read-only': async ground => {
    const stage = await serving(ground, 'engine-read-only');
    const { indices } = ground.engine;
    return {
      stage,
      acts: {
        make: async () => done(indices.blockWrites(stage.settingsIndex)),
        repair: () => done(indices.unblockWrites(stage.settingsIndex)),
      },
    };
  },
  'alias-removed': async ground => {
    const stage = await serving(ground, 'alias-removed');
    const { aliases } = ground.engine;
    const [alias, index] = [stage.name, `${stage.name}-v1`];
    const [member] = await aliases.members(alias);
    return {
      stage,
      acts: {
        make: async () => done(aliases.update([{ remove: { index, alias, must_exist: true } }])),
        repair: async () => done(aliases.update([{ add: { index, alias, ...member?.properties } }])),
      },
    };
  },
  'lock-stuck': async ground => {
    const stage = await serving(ground, 'lock-stuck');
    const lease = { of: 'alias', alias: stage.name } as const;
    const holder = { kind: 'External', name: 'cli/a-laptop', uid: randomUUID(), pod: '' } as const;
    const settings = settingsOn(ground.engine, stage.settingsIndex);
    return {
      stage,
      acts: {
        make: () => done(settings.acquire(lease, holder, { leaseSeconds, tokenFloor: 0 })),
        repair: () => breakLock(stage),
        unseenMs: leaseSeconds * 1000,
      },
    };
  },
  'cluster-deleted-in-use': async ground => {
    const stage = await serving(ground, 'cluster-deleted-in-use');
    return {
      stage,
      acts: {
        make: async () => done(stage.kubectl.run(['delete', 'scluster', 'main', '--wait=false'])),
        repair: async () => done(stage.kubectl.run(['delete', 'irepo', stage.name, '--wait=false'])),
        leavesNothing: true,
      },
    };
  },
} satisfies Partial<Record<SituationName, Maker>>;

/** Those that only an engine with users can be in. */
export const aboutUsers: readonly SituationName[] = ['engine-secret-missing', 'wrong-password'];

const leaseSeconds = 20;

/** As a human does, with the command line. */
async function breakLock({ bed, name, settingsIndex }: Stage): Promise<void> {
  const program = join(import.meta.dirname, '..', '..', '..', '..', 'src', 'bin', 'cli.ts');
  await run(
    [
      process.execPath,
      program,
      'lock',
      'break',
      name,
      '--reason',
      'the laptop is gone',
      '--settings-index',
      settingsIndex,
    ],
    { env: engineVariables(bed.engine) },
  );
}

async function serving(ground: Ground, topic: string, spec: object = {}): Promise<Stage> {
  const stage = await aStage(ground, topic, spec);
  await stage.declare();
  await stage.served();
  return stage;
}

function credentialsOf({ engine }: BedState): { readonly username: string; readonly password: string } {
  return { username: engine.username, password: engine.password };
}

type Relay = {
  readonly url: string;
  readonly cut: () => Promise<void>;
  readonly mend: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Where pods reach this machine, by an address that certificates hold for; bytes vanish there while it is cut. */
async function relayTo({ host = HOST_ADDRESS }: BedState, target: string): Promise<Relay> {
  const url = new URL(target);
  const relay: TcpProxy = await tcpProxy({ host: url.hostname, port: Number(url.port) }, host);
  url.host = `${host}:${relay.port}`;
  return {
    url: url.toString().replace(/\/$/, ''),
    cut: async () => relay.blackhole(),
    mend: async () => {
      relay.heal();
      relay.resetAll();
    },
    close: () => relay.close(),
  };
}

/** An act whose answer says nothing here: what comes of it is looked for in the objects. */
async function done(act: Promise<unknown>): Promise<void> {
  await act;
}
