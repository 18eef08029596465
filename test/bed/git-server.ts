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

/** Starts the Git server over an empty folder of repositories. */
export async function startGitServer(
  bed: Bed,
  secrets: { readonly password: string; readonly token: string },
): Promise<GitAccess> {
  const folder = join(bed.home, 'git');
  const reposDir = join(folder, 'repositories');
  mkdirSync(join(reposDir, 'private'), { recursive: true });
  const gitConfig = join(folder, 'gitconfig');
  writeFileSync(gitConfig, GIT_CONFIG);
  const config: GitServerConfig = {
    address: bed.site.address,
    port: bed.site.ports.git,
    cert: bed.server.cert,
    key: bed.server.key,
    reposDir,
    gitConfig,
    username: 'developer',
    ...secrets,
  };
  const configFile = join(folder, 'server.json');
  writeFileSync(configFile, JSON.stringify(config), { mode: 0o600 });
  const { pid } = startProcess(bed.home, {
    name: 'git-server',
    command: [...bed.site.enter, process.execPath, join(import.meta.dirname, 'git', 'main.ts'), configFile],
    env: { NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
  });
  const url = `https://${config.address}:${config.port}`;
  await waitForProcess(bed.home, 'git-server', {
    deadlineSeconds: 30,
    probe: async () => answers(`${url}/healthz`, 200, { caFile: bed.authority.caFile }),
  });
  return { url, username: config.username, ...secrets, reposDir, pid };
}
