import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bed } from './bed.ts';
import type { GitServerConfig } from './git/config.ts';
import { answers } from './https-probe.ts';
import { startProcess } from './processes.ts';
import { waitForProcess } from './wait.ts';

export type GitAccess = {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly token: string;
  readonly reposDir: string;
  readonly pid: number;
};

// What the large hosts allow too: blobless clones, and fetching a commit that no branch points to any more.
const GIT_CONFIG = `[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
[http]
	receivepack = true
[safe]
	directory = *
[init]
	defaultBranch = main
[gc]
	auto = 0
`;

export type GitSecrets = { readonly password: string; readonly token: string };

/** Makes the empty folder of repositories and answers what the server is to be started with. */
export function createRepositories(
  home: string,
  where: Pick<GitServerConfig, 'address' | 'port' | 'cert' | 'key'>,
  secrets: GitSecrets,
): GitServerConfig {
  const folder = join(home, 'git');
  const reposDir = join(folder, 'repositories');
  const gitConfig = join(folder, 'gitconfig');
  mkdirSync(join(reposDir, 'private'), { recursive: true });
  writeFileSync(gitConfig, GIT_CONFIG);
  return { ...where, reposDir, gitConfig, username: 'developer', ...secrets };
}

/** Starts the Git server over an empty folder of repositories. */
export async function startGitServer(bed: Bed, secrets: GitSecrets): Promise<GitAccess> {
  const { address, ports } = bed.site;
  const config = createRepositories(bed.home, { address, port: ports.git, ...bed.server }, secrets);
  const configFile = join(bed.home, 'git', 'server.json');
  writeFileSync(configFile, JSON.stringify(config), { mode: 0o600 });
  const { pid } = startProcess(bed.home, {
    name: 'git-server',
    command: [...bed.site.enter, process.execPath, join(import.meta.dirname, 'git', 'main.ts'), configFile],
    env: { NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
  });
  const url = `https://${address}:${ports.git}`;
  await waitForProcess(bed.home, 'git-server', {
    deadlineSeconds: 30,
    probe: async () => answers(`${url}/healthz`, 200, { caFile: bed.authority.caFile }),
  });
  return { url, username: config.username, ...secrets, reposDir: config.reposDir, pid };
}
