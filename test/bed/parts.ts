import { DISTRIBUTIONS } from './distributions.ts';
import type { EngineProgram } from './distributions.ts';
import { nodeName } from './engine-nodes.ts';
import { killProcesses, signalProcess, startAgain } from './processes.ts';
import { RefusedError } from './refused.ts';
import { readBedState, writeBedState } from './state.ts';
import type { BedState } from './state.ts';

/** Parts of a local bed that a fault test may end and start again, by the name of their process. */
export type PartName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubelet'
  | 'git-server'
  | `${EngineProgram}-${number}`;

/** The part that the first node of the engine is. */
export function enginePart({ engine }: Pick<BedState, 'engine'>): PartName {
  return nodeName(DISTRIBUTIONS[engine.distribution].program, 0);
}

/** Names of the processes that a local bed has for as long as it lives. */
export function partsOf({ level, engine }: Pick<BedState, 'level' | 'engine'>): readonly string[] {
  const everywhere = [
    'etcd',
    'kube-apiserver',
    'kube-controller-manager',
    'git-server',
    ...engine.urls.map((_, index) => nodeName(DISTRIBUTIONS[engine.distribution].program, index)),
  ];
  return level === 0 ? everywhere : [...everywhere, 'kube-scheduler', 'containerd', 'kubelet', 'kube-proxy'];
}

/** Ends a part at once, as a crash does; answers when it is gone. Pods outlive a killed kubelet. */
export async function killPart(name: PartName): Promise<void> {
  await killProcesses(localBed().home, found => found.name === name);
}

/** Starts a killed part exactly as it was, with its data. It is not ready yet when this answers. */
export function startPart(name: PartName): void {
  const state = localBed();
  const { pid } = startAgain(state.home, name);
  writeBedState(withPid(state, name, pid));
}

/** Sends a signal to all processes of a part: SIGSTOP makes it hang, SIGCONT wakes it. */
export function signalPart(name: PartName, signal: NodeJS.Signals): void {
  signalProcess(localBed().home, name, signal);
}

function localBed(): BedState {
  const state = readBedState();
  if (state?.provider !== 'local') throw new RefusedError('no bed of local processes is up: npm run bed -- up');
  return state;
}

function withPid(state: BedState, name: PartName, pid: number): BedState {
  if (name === 'kube-apiserver') return { ...state, apiServer: { ...state.apiServer, pid } };
  if (name === 'git-server') return { ...state, git: { ...state.git, pid } };
  if (name === 'kubelet' && state.node !== undefined) return { ...state, node: { ...state.node, pid } };
  const [, index] = /^(?:elasticsearch|opensearch)-(\d+)$/.exec(name) ?? [];
  if (index === undefined) return state;
  return { ...state, engine: { ...state.engine, pids: state.engine.pids.with(Number(index), pid) } };
}
