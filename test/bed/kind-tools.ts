import { attempt } from './command.ts';
import { KIND_VERSION } from './components.ts';
import { isDebianLike, isRoot, missingByHand, onPath } from './tools.ts';

/** What a bed of kind is made with, as far as this machine tells. */
export type KindTools = {
  readonly platform: string;
  /** What the daemon says about itself; undefined where none answers. */
  readonly docker: DockerInfo | undefined;
  /** `v0.33.0`; undefined where kind is not on PATH. */
  readonly kind: string | undefined;
  /** Of `kubectl`, `helm`, `openssl` and `git`, those that are not on PATH. */
  readonly absent: readonly string[];
  readonly hasGo: boolean;
  /** What stands in the way of building all that Docker and kind would bring; empty where it can be done. */
  readonly ownEngine: readonly string[];
};

export type DockerInfo = { readonly operatingSystem: string; readonly securityOptions: readonly string[] };

const PAGES: Readonly<Record<string, string>> = {
  kind: 'https://kind.sigs.k8s.io/docs/user/quick-start',
  kubectl: 'https://kubernetes.io/docs/tasks/tools',
  helm: 'https://helm.sh/docs/intro/install',
  openssl: 'your distribution',
  git: 'your distribution',
};

/** Asks this machine. */
export async function kindTools(): Promise<KindTools> {
  const version = await attempt(['kind', 'version', '--quiet']);
  return {
    platform: process.platform,
    docker: await dockerInfo(),
    kind: version === undefined ? undefined : `v${version.trim().replace(/^v/, '')}`,
    absent: ['kubectl', 'helm', 'openssl', 'git'].filter(name => !onPath(name)),
    hasGo: onPath('go'),
    ownEngine:
      isRoot() && isDebianLike() ? missingByHand(1, 'elasticsearch') : ['an engine of the bed needs root and Debian'],
  };
}

/** What lacks for a bed of kind out of what is here already: Docker, kind, and what goes with them. */
export function lackingForKind(tools: KindTools): readonly string[] {
  return [...lackingForDocker(tools), ...lackingKind(tools.kind), ...tools.absent.map(install)];
}

/** What lacks for a bed of kind when whatever can be built here is built: kind and kubectl with Go, an engine as root. */
export function lackingForBuiltKind(tools: KindTools): readonly string[] {
  if (tools.docker === undefined) {
    return tools.ownEngine.length === 0 ? [] : [...lackingForDocker(tools), ...tools.ownEngine];
  }
  const unfit = lackingForDocker(tools);
  return tools.hasGo ? unfit : [...unfit, ...lackingKind(tools.kind), ...tools.absent.map(install)];
}

function lackingForDocker({ platform, docker }: KindTools): readonly string[] {
  // The tests talk to the addresses of containers, which only Linux's own Docker lets them reach.
  if (platform !== 'linux') return [`a bed of kind needs Linux, this is ${platform}`];
  if (docker === undefined) {
    return [
      'Docker does not answer (docker info): install it (https://docs.docker.com/engine/install), start its daemon',
    ];
  }
  if (docker.operatingSystem.includes('Docker Desktop')) {
    return [
      'Docker Desktop keeps containers in a machine of its own, where tests do not reach them: use Docker Engine',
    ];
  }
  const isRemapped = docker.securityOptions.some(option => /name=(rootless|userns)/.test(option));
  return isRemapped ? ['Docker runs rootless or with remapped users: the bed shares files with its containers'] : [];
}

function lackingKind(found: string | undefined): readonly string[] {
  if (found === undefined) return [install('kind')];
  const minor = (version: string): string => version.split('.').slice(0, 2).join('.');
  if (minor(found) === minor(KIND_VERSION)) return [];
  return [`kind ${found} is here, and the image of the node is one for ${KIND_VERSION}: install that version`];
}

function install(name: string): string {
  return `${name} is missing: install it (${PAGES[name] ?? 'your distribution'})`;
}

async function dockerInfo(): Promise<DockerInfo | undefined> {
  const answer = await attempt(['docker', 'info', '--format', '{{json .}}']);
  if (answer === undefined) return undefined;
  const info = JSON.parse(answer) as {
    readonly OperatingSystem?: string;
    readonly SecurityOptions?: readonly string[];
  };
  // A client without its daemon may answer too, with nothing about the machine.
  if (info.OperatingSystem === undefined || info.OperatingSystem === '') return undefined;
  return { operatingSystem: info.OperatingSystem, securityOptions: info.SecurityOptions ?? [] };
}
