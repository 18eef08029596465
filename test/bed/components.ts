import { linkSync } from 'node:fs';
import { join } from 'node:path';
import { cached, contentKey, isCached } from './cache.ts';
import { run } from './command.ts';
import { DISTRIBUTIONS, distributionTitle, fetchDistribution, isDistribution } from './distributions.ts';
import type { DistributionName } from './distributions.ts';
import type { StepRunner } from './progress.ts';

export const KUBERNETES_VERSION = 'v1.34.4';
export const KIND_VERSION = 'v0.33.0';

/** Names that the one Kubernetes program acts under. */
const KUBERNETES_NAMES = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
  'kubectl',
  'kubeadm',
] as const;

type GoComponent = {
  /** Folder below components/ and prefix of the folder in the cache. */
  readonly name: 'kubernetes' | 'etcd' | 'helm' | 'pause' | 'kind' | 'kstatus';
  readonly module: string;
  readonly ldflags: string;
  readonly slow: string;
};

const GO_COMPONENTS: readonly GoComponent[] = [
  {
    name: 'kubernetes',
    module: '.',
    ldflags: [
      '-s -w',
      ...versionFlags('k8s.io/component-base/version'),
      ...versionFlags('k8s.io/client-go/pkg/version'),
    ].join(' '),
    slow: 'about 7 minutes',
  },
  { name: 'etcd', module: 'go.etcd.io/etcd/server/v3', ldflags: '-s -w', slow: 'about half a minute' },
  { name: 'helm', module: 'helm.sh/helm/v3/cmd/helm', ldflags: '-s -w', slow: 'about 2 minutes' },
  { name: 'pause', module: '.', ldflags: '-s -w', slow: 'seconds' },
  // What Flux and other tools that wait for objects take their conditions for.
  { name: 'kstatus', module: '.', ldflags: '-s -w', slow: 'about half a minute' },
  { name: 'kind', module: 'sigs.k8s.io/kind', ldflags: '-s -w', slow: 'about a minute' },
];

export type ComponentName = GoComponent['name'] | DistributionName;

/** Folders in the cache with the programs of each component of a bed, whichever its engine is. */
export type Components = Readonly<Record<Exclude<GoComponent['name'], 'kind' | 'kstatus'>, string>>;

export const COMPONENT_NAMES: readonly (keyof Components)[] = ['kubernetes', 'etcd', 'helm', 'pause'];

/** Folders of all of these, one step each. */
export async function haveComponents<Name extends ComponentName>(
  names: readonly Name[],
  step: StepRunner,
): Promise<Readonly<Record<Name, string>>> {
  const folders: [Name, string][] = [];
  for (const name of names) folders.push([name, await step(componentTitle(name), async () => component(name))]);
  // Every name got its folder.
  return Object.fromEntries(folders) as Record<Name, string>;
}

/** What a component is called for people, with how long it takes when the cache does not have it yet. */
export function componentTitle(name: ComponentName): string {
  if (isDistribution(name)) {
    const { program, version, megabytes } = DISTRIBUTIONS[name];
    return isCached(program, version)
      ? `${distributionTitle(name)} from the cache`
      : `fetching ${distributionTitle(name)} with Maven (${megabytes} MB)`;
  }
  const component = goComponent(name);
  return isCached(name, goKey(component))
    ? `${name} from the cache`
    : `building ${name} with Go (cold: ${component.slow})`;
}

/** Answers the folder of one component, after building or fetching it when the cache does not have it. */
export async function component(name: ComponentName): Promise<string> {
  if (isDistribution(name)) {
    const distribution = DISTRIBUTIONS[name];
    const { program, version } = distribution;
    return cached(program, version, async folder => fetchDistribution(distribution, folder));
  }
  const wanted = goComponent(name);
  return cached(name, goKey(wanted), folder => buildWithGo(wanted, folder));
}

async function buildWithGo(component: GoComponent, folder: string): Promise<void> {
  const program = join(folder, component.name);
  // The same flags and paths every time, so that Go's own cache serves a rebuild after a change of one file.
  await run(['go', 'build', '-trimpath', '-ldflags', component.ldflags, '-o', program, component.module], {
    cwd: sourceFolder(component.name),
    env: { CGO_ENABLED: '0' },
  });
  if (component.name !== 'kubernetes') return;
  for (const name of KUBERNETES_NAMES) linkSync(program, join(folder, name));
}

function goComponent(name: GoComponent['name']): GoComponent {
  const found = GO_COMPONENTS.find(candidate => candidate.name === name);
  if (found === undefined) throw new Error(`no component is called ${name}`);
  return found;
}

function goKey(component: GoComponent): string {
  return contentKey({ folders: [sourceFolder(component.name)], texts: [component.module, component.ldflags] });
}

function sourceFolder(name: string): string {
  return join(import.meta.dirname, 'components', name);
}

function versionFlags(variables: string): readonly string[] {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)\./.exec(KUBERNETES_VERSION) ?? [];
  const values = { gitVersion: KUBERNETES_VERSION, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  return Object.entries(values).map(([name, value]) => `-X ${variables}.${name}=${value}`);
}
