import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, writeKubeconfig } from '../../bed/certificates.ts';
import type { Authority, Identity } from '../../bed/certificates.ts';
import { component } from '../../bed/components.ts';
import { loadKubeConfig } from '../../../src/kube/kubeconfig.ts';
import { Transport } from '../../../src/kube/transport.ts';
import { eventually } from '../checks/eventually.ts';

/** etcd and an API server of a test's own, on loopback, which it may kill; they end with the process that made them. */
export type ControlPlane = {
  /** Administrator's access. */
  readonly kubeconfig: string;
  readonly port: number;
  readonly etcdUrl: string;
  readonly caFile: string;
  /** What the API server shows; valid for 127.0.0.1, so that a proxy may show it too. */
  readonly identity: Identity;
  /** The same access through another port, for instance a proxy's. */
  kubeconfigAt(port: number): string;
  /** Access under a user name of its own, with all rights, so that the audit log tells who did what. */
  kubeconfigOf(user: string): Promise<string>;
  /** JSON lines, one per finished request. */
  auditEvents(): readonly AuditEvent[];
  /** Copies what etcd holds into a folder that is not there yet. */
  copyEtcd(to: string): void;
  killApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  stop(): Promise<void>;
};

export type AuditEvent = {
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly stage: string;
  readonly user?: { readonly username: string };
  readonly objectRef?: { readonly resource: string; readonly name?: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code: number };
  /** RFC 3339 with microseconds: texts of the same length, so that they sort as times do. */
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
};

const auditPolicy =
  'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n';

const freePort = async (): Promise<number> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

/** Starts a program that dies with this process; its output goes to a file. */
const start = (log: string, program: string, args: readonly string[]): ChildProcess => {
  const output = openSync(log, 'a');
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], { stdio: ['ignore', output, output] });
  closeSync(output);
  return child;
};

const kill = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

const etcdArguments = (folder: string, client: string, peer: string): readonly string[] => [
  `--data-dir=${folder}/etcd`,
  `--listen-client-urls=${client}`,
  `--advertise-client-urls=${client}`,
  `--listen-peer-urls=${peer}`,
  `--initial-advertise-peer-urls=${peer}`,
  `--initial-cluster=default=${peer}`,
  '--unsafe-no-fsync',
  '--log-level=warn',
];

const apiServerArguments = (
  folder: string,
  port: number,
  etcdUrl: string,
  authority: Authority,
  server: Identity,
): readonly string[] => [
  `--etcd-servers=${etcdUrl}`,
  '--bind-address=127.0.0.1',
  '--advertise-address=127.0.0.1',
  '--endpoint-reconciler-type=none',
  `--secure-port=${port}`,
  `--tls-cert-file=${server.cert}`,
  `--tls-private-key-file=${server.key}`,
  `--client-ca-file=${authority.caFile}`,
  '--authorization-mode=RBAC',
  '--service-cluster-ip-range=10.99.0.0/24',
  `--service-account-issuer=https://127.0.0.1:${port}`,
  `--service-account-key-file=${authority.serviceAccountKey}`,
  `--service-account-signing-key-file=${authority.serviceAccountKey}`,
  `--audit-policy-file=${folder}/audit.yaml`,
  `--audit-log-path=${folder}/audit.log`,
];

/** `copyOf`: begins with what another one holds at this moment, uids and all. */
export const startControlPlane = async (copyOf?: ControlPlane): Promise<ControlPlane> => {
  const [kubernetes, etcd] = [await component('kubernetes'), await component('etcd')];
  const folder = mkdtempSync(join(tmpdir(), 'reindeer-control-plane-'));
  writeFileSync(join(folder, 'audit.yaml'), auditPolicy);
  const authority = await createAuthority(join(folder, 'tls'));
  const server = await authority.server('server', ['IP:127.0.0.1', 'DNS:localhost']);
  const admin = await authority.client('admin', 'test-admin', 'system:masters');
  const [port, etcdPort, peerPort] = [await freePort(), await freePort(), await freePort()];
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const log = join(folder, 'log');
  copyOf?.copyEtcd(join(folder, 'etcd'));
  const etcdProcess = start(log, join(etcd, 'etcd'), etcdArguments(folder, etcdUrl, `http://127.0.0.1:${peerPort}`));
  const kubeconfigAt = (at: number): string => {
    const file = join(folder, `kubeconfig-${at}`);
    writeKubeconfig(file, { server: `https://127.0.0.1:${at}`, caFile: authority.caFile, identity: admin });
    return file;
  };
  const kubeconfig = kubeconfigAt(port);
  let apiServer: ChildProcess | undefined;
  const plane: ControlPlane = {
    kubeconfig,
    port,
    etcdUrl,
    caFile: authority.caFile,
    identity: server,
    kubeconfigAt,
    kubeconfigOf: async user => {
      const file = join(folder, `kubeconfig-${user}`);
      const identity = await authority.client(user, user, 'system:masters');
      writeKubeconfig(file, { server: `https://127.0.0.1:${port}`, caFile: authority.caFile, identity });
      return file;
    },
    auditEvents: () =>
      readFileSync(join(folder, 'audit.log'), 'utf8')
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line) as AuditEvent),
    killApiServer: async () => (apiServer === undefined ? undefined : kill(apiServer)),
    startApiServer: async () => {
      const child = start(
        log,
        join(kubernetes, 'kube-apiserver'),
        apiServerArguments(folder, port, etcdUrl, authority, server),
      );
      apiServer = child;
      await untilReady(kubeconfig, child, log);
    },
    copyEtcd: to => {
      // Halted it is as after a power cut, from which it recovers: nothing changes while it is copied.
      etcdProcess.kill('SIGSTOP');
      cpSync(join(folder, 'etcd'), to, { recursive: true });
      etcdProcess.kill('SIGCONT');
    },
    stop: async () => {
      await plane.killApiServer();
      await kill(etcdProcess);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await plane.startApiServer();
  return plane;
};

const untilReady = async (kubeconfig: string, child: ChildProcess, log: string): Promise<void> => {
  const transport = new Transport(await loadKubeConfig(kubeconfig));
  const isReady = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`the API server ended:\n${readFileSync(log, 'utf8').slice(-4_000)}`);
    const ready = await transport.call({ method: 'GET', path: '/readyz' }).catch(() => undefined);
    const namespace = await transport
      .call({ method: 'GET', path: '/api/v1/namespaces/default' })
      .catch(() => undefined);
    return ready?.status === 200 && namespace?.status === 200;
  };
  await eventually('API server ready', 60_000, isReady, () => readFileSync(log, 'utf8').slice(-4_000));
  await transport.close();
};
