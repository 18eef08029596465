import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thisBed } from './which-bed.ts';

/** 0 = API server, engine and Git server; 1 = those and a real node that runs pods. */
export type BedLevel = 0 | 1;

/** What a running bed tells its users: where each part is reached from this machine, and with what. */
export type BedState = {
  readonly provider: 'local' | 'kind';
  readonly level: BedLevel;
  /** Folder of this bed: configuration, data and logs. It goes away with the bed. */
  readonly home: string;
  /** Address of every part of the bed; pods reach the same address. */
  readonly address: string;
  /** Administrator's access to the cluster. */
  readonly kubeconfig: string;
  /** Folder with `kubectl` and `helm`. */
  readonly binaries: string;
  readonly apiServer: {
    readonly url: string;
    readonly caFile: string;
    /** One JSON event per line, level Metadata, stage ResponseComplete, reads and writes alike. */
    readonly auditLog: string;
    /** Absent with kind, like every other pid. */
    readonly pid?: number;
  };
  readonly engine: {
    readonly url: string;
    /** One per node of the engine, `url` first. */
    readonly urls: readonly string[];
    readonly username: string;
    readonly password: string;
    readonly caFile: string;
    /** In the order of `urls`; empty with kind. */
    readonly pids: readonly number[];
  };
  readonly git: {
    /** A bare repository at `{reposDir}/a/b.git` is served at `{url}/a/b.git`. */
    readonly url: string;
    readonly caFile: string;
    /** May read everything and push. */
    readonly username: string;
    readonly password: string;
    /** Serves as the password of any user name, to read only. */
    readonly token: string;
    /** Repositories below `private/` in this folder need credentials to be read; pushing always does. */
    readonly reposDir: string;
    readonly pid?: number;
  };
  /** Present at level 1 only. */
  readonly node?: {
    readonly name: string;
    /** Socket for `ctr --address`; absent with kind. */
    readonly containerd?: string;
    /** Name of the image that was built from the checkout and imported. */
    readonly image: string;
    /** The kubelet's. */
    readonly pid?: number;
  };
};

/** Folder of the bed that this process is about. */
export function bedHome(): string {
  return thisBed().home;
}

/** The bed that is up on this machine, or undefined when none is (also while one is still starting). */
export function readBedState(): BedState | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(), 'utf8')) as BedState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Replaces the description in one move, so that no reader ever sees half of it. */
export function writeBedState(state: BedState): void {
  const unfinished = `${stateFile()}.new`;
  writeFileSync(unfinished, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, stateFile());
}

function stateFile(): string {
  return join(bedHome(), 'bed.json');
}
