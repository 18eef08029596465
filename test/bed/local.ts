import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { mountsBelow } from './leftovers.ts';
import { hasHostInterface, namespaceFile } from './network.ts';
import { importOwnImage } from './node.ts';
import { partsOf } from './parts.ts';
import { bedProcesses } from './processes.ts';
import type { BedOptions, Provider } from './provider.ts';
import type { BedState } from './state.ts';
import { missingByHand } from './tools.ts';
import { startBed } from './up.ts';

/** The bed made of processes of this machine. */
export const localProvider: Provider = {
  obstacles: async ({ level, engine }: BedOptions) => Promise.resolve(missingByHand(level, engine)),
  start: startBed,
  lacks: async state => Promise.resolve(lacks(state)),
  keepEvidence: async (home, folder) => {
    copyLogs(home, folder);
    return Promise.resolve();
  },
  image,
};

function lacks(state: BedState): readonly string[] {
  const running = new Set(bedProcesses(state.home).map(found => found.name));
  const dead = partsOf(state).filter(part => !running.has(part));
  if (state.level === 0) return dead;
  return [
    ...dead,
    ...(hasHostInterface() ? [] : ['its network interface']),
    ...(mountsBelow(state.home).includes(namespaceFile(state.home)) ? [] : ['the mount of its network']),
  ];
}

async function image({ node }: BedState): Promise<string> {
  if (node?.containerd === undefined) throw new Error('the bed that is up has no containerd of ours');
  return importOwnImage(node.containerd);
}

/** Every part's own log, and the API server's audit log. */
export function copyLogs(home: string, folder: string): void {
  const logs = join(home, 'logs');
  if (existsSync(logs)) cpSync(logs, folder, { recursive: true });
}
