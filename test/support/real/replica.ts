import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { compiledMain, imageEnvironment } from './compiled-main.ts';
import { eventually } from '../checks/eventually.ts';

/** One process of the operator as a pod runs it, on this machine; it dies with the process that started it. */
export type Replica = {
  readonly podName: string;
  signal(signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Exit code, or the signal that ended it. */
  ended(withinMs: number): Promise<number | string>;
  /** The port that answers /healthz, /readyz and /metrics. */
  healthPort(): Promise<number>;
  readonly output: () => string;
};

export type ReplicaCall = {
  readonly podName: string;
  readonly kubeconfig: string;
  readonly namespace: string;
  /** Waits this long for the process to say that it started. */
  readonly startWithinMs?: number;
};

/** Starts it and waits until its watches are open; who leads is decided by the Lease. */
export async function startReplica(call: ReplicaCall): Promise<Replica> {
  const { podName, kubeconfig, namespace, startWithinMs = 60_000 } = call;
  const main = await compiledMain();
  const image = await imageEnvironment(main);
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, main, 'operator'], {
    env: {
      ...image,
      KUBECONFIG: kubeconfig,
      POD_NAMESPACE: namespace,
      POD_NAME: podName,
      REINDEER_IMAGE: 'reindeer.dev/reindeer:test',
      REINDEER_HEALTH_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const hear = (piece: unknown): void => void (output += String(piece));
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const said = (pattern: RegExp, withinMs: number): Promise<RegExpExecArray> =>
    eventually(
      `${podName} says ${pattern}`,
      withinMs,
      () => {
        if (child.exitCode !== null)
          throw new Error(`${podName} ended with ${child.exitCode}:\n${output.slice(-3000)}`);
        return pattern.exec(output) ?? undefined;
      },
      () => output.slice(-3000),
    );
  const started = await said(/"health":(\d+),"msg":"operator started"/, startWithinMs);
  return {
    podName,
    signal: signal => void child.kill(signal),
    ended: async withinMs => {
      await eventually(
        `${podName} ends`,
        withinMs,
        () => child.exitCode !== null || child.signalCode !== null,
        () => output.slice(-3000),
      );
      return ended;
    },
    healthPort: async () => Number(started[1]),
    output: () => output,
  };
}
