import { readFileSync } from 'node:fs';
import { searchClusterResource } from '../../../../src/api/search-cluster.ts';
import { aShiftedClock, type ShiftedClock } from '../a-shifted-clock.ts';
import { team, type ControlStage } from '../control-stage.ts';
import { httpFaultProxy, type HttpFaultProxy } from '../http-fault-proxy.ts';
import { secret } from '../installed.ts';
import { tcpProxy, type TcpProxy } from '../tcp-proxy.ts';
import { ownLogin } from './login.ts';
import type { Login } from './scene.ts';

/** Each is a process of this machine. */
const lightRuns = 6;

export type LifeWires = {
  readonly kubeWire: TcpProxy;
  readonly api: HttpFaultProxy;
  readonly git: HttpFaultProxy;
  readonly clock: ShiftedClock;
  readonly login: Login | undefined;
  begin(heavyRuns: number): Promise<void>;
  close(): Promise<void>;
};

/** The relays of daily life beside those of the stage, and the Secret that goes with the one before Git. */
export async function openWires(stage: ControlStage, hasOwnLogin: boolean): Promise<LifeWires> {
  const { plane, kube, git: host, node } = stage;
  const target = { host: '127.0.0.1', port: plane.port, caFile: plane.caFile };
  const api = await httpFaultProxy({ target, identity: plane.identity });
  const kubeWire = await tcpProxy({ host: '127.0.0.1', port: api.port });
  const git = await stage.gitProxy();
  const clock = aShiftedClock();
  const ca = readFileSync(node.authorityFile, 'utf8');
  const credentials = secret('git-relayed', { username: host.username, password: host.password, 'ca.crt': ca });
  await kube.create(
    { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' },
    { ...credentials, metadata: { name: 'git-relayed', namespace: team } },
  );
  const login = hasOwnLogin ? await ownLogin(stage) : undefined;
  return {
    ...{ kubeWire, api, git, clock, login },
    begin: async heavyRuns => {
      const spec = { limits: { heavyRuns, lightRuns } };
      await kube.patch(searchClusterResource, { namespace: team, name: 'main' }, undefined, { spec });
    },
    close: async () => {
      await kubeWire.close();
      await api.close();
      clock.remove();
    },
  };
}
