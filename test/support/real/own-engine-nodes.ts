import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '../../bed/certificates.ts';
import { component } from '../../bed/components.ts';
import type { DistributionName } from '../../bed/distributions.ts';
import { askHealth, configureEngine } from '../../bed/engine.ts';
import { loopbackSite } from '../../bed/site.ts';
import type { EngineLocation } from '../../bed/state.ts';
import { eventually } from '../checks/eventually.ts';
import { hasEnded, signalGroup, startNode } from './own-engine.ts';

/** An engine of several nodes of a test's own, each in a zone of its own: `zone-a`, `zone-b` and so on in attribute `zone`. */
export type OwnNodes = {
  readonly nodes: readonly OwnNode[];
  stop(): Promise<void>;
};

export type OwnNode = EngineLocation & {
  readonly zone: string;
  /** SIGKILL; answers when it is gone. */
  kill(): Promise<void>;
  /** Starts a killed node with its data; answers when it has joined the others. */
  start(): Promise<void>;
};

/** Half a minute on a quiet machine: three of Java beside each other. */
const startWithinMs = 300_000;

export async function ownNodes(distribution: DistributionName, count: number): Promise<OwnNodes> {
  const home = mkdtempSync(join(tmpdir(), 'reindeer-nodes-'));
  // The engine's own user must get through.
  chmodSync(home, 0o711);
  const authority = await createAuthority(join(home, 'certificates'));
  const server = await authority.server('server', ['IP:127.0.0.1', 'DNS:localhost']);
  const site = await loopbackSite(count);
  const parts = { home, site, authority, server };
  const made = await configureEngine(parts, distribution, await component(distribution));
  const children = new Map<string, ChildProcess>();
  const nodes = made.nodes.map((spec, index): OwnNode => {
    const location = { ...made, url: made.urls[index] ?? '' };
    const log = join(home, `${spec.name}.log`);
    return {
      ...location,
      zone: `zone-${String.fromCharCode(97 + index)}`,
      kill: async () => {
        const child = children.get(spec.name);
        if (child === undefined || hasEnded(child)) return;
        const ended = once(child, 'exit');
        signalGroup(child, 'SIGKILL');
        await ended;
      },
      start: async () => {
        const child = startNode(spec, log);
        children.set(spec.name, child);
        await eventually(`${spec.name} has joined`, startWithinMs, async () => {
          if (hasEnded(child)) throw new Error(`the node ended:\n${readFileSync(log, 'utf8').slice(-4000)}`);
          const health = await askHealth(location).catch(() => undefined);
          return health?.status === 200 && health.body.includes(`"number_of_nodes":${count}`);
        });
      },
    };
  });
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map(async node => node.kill()));
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await Promise.all(nodes.map(async node => node.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes, stop };
}
