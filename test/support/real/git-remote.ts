import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../bed/command.ts';
import type { RealHistory } from '../../bed/real-history.ts';
import type { BedState } from '../../bed/state.ts';

/** A private repository on the bed's Git server that follows a real history, commit by commit, when it is told to. */
export class GitRemote {
  readonly #bed: BedState;
  readonly #history: RealHistory;
  readonly path: string;

  private constructor(bed: BedState, history: RealHistory, name: string) {
    this.#bed = bed;
    this.#history = history;
    this.path = `private/${name}.git`;
  }

  /** Makes it anew, with `main` at this commit. */
  static async at(bed: BedState, history: RealHistory, name: string, commit: string): Promise<GitRemote> {
    const remote = new GitRemote(bed, history, name);
    rmSync(remote.folder, { recursive: true, force: true });
    await run(['git', 'init', '--quiet', '--bare', '--initial-branch=main', remote.folder]);
    await remote.push(commit);
    return remote;
  }

  get folder(): string {
    return join(this.#bed.git.reposDir, this.path);
  }

  get url(): string {
    return `${this.#bed.git.url}/${this.path}`;
  }

  /** Pushes over HTTPS with the write user, as a developer would. The credentials go through the environment. */
  async push(commit: string): Promise<void> {
    const { username, password, caFile } = this.#bed.git;
    const authorization = `Authorization: Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const env = {
      // The variable wins over a configuration that the machine may have.
      GIT_SSL_CAINFO: caFile,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.extraHeader',
      GIT_CONFIG_VALUE_0: authorization,
    };
    await run(
      ['git', '-C', this.#history.repository, 'push', '--quiet', '--force', this.url, `${commit}:refs/heads/main`],
      { env },
    );
  }
}
