/** What the Git server program reads from the file that it is started with. */
export type GitServerConfig = {
  readonly address: string;
  readonly port: number;
  /** PEM files that it shows. */
  readonly cert: string;
  readonly key: string;
  /** Bare repositories, in folders of any depth. */
  readonly reposDir: string;
  /** Read by Git in place of any user's configuration. */
  readonly gitConfig: string;
  /** May read everything and push. */
  readonly username: string;
  readonly password: string;
  /** Taken as the password of any user name, to read. */
  readonly token: string;
};
