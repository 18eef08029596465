import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { distributionOf } from './distributions.ts';
import type { DistributionName, EngineType } from './distributions.ts';
import { thisBed } from './which-bed.ts';

/** Where an engine answers, and as whom it is asked. */
export type EngineLocation = {
  readonly url: string;
  /** '' where the engine has no users and speaks plain HTTP, likewise the next two. */
  readonly username: string;
  readonly password: string;
  readonly caFile: string;
};

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
  /** Address of this machine as pods reach it; absent with a bed of an older checkout. */
  readonly host?: string;
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
  readonly engine: EngineLocation & {
    readonly type: EngineType;
    readonly distribution: DistributionName;
    /** One per node of the engine, `url` first. */
    readonly urls: readonly string[];
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

/**
 * The bed that is described on this machine, or undefined when none is (also while one is still starting). A description
 * that a crash of the machine has torn describes none. Whether the bed lives is another question: see lifecycle.ts.
 */
export function readBedState(): BedState | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(stateFile(bedHome()), 'utf8'));
    if (!isWhole(found)) return undefined;
    // A bed of an older checkout had no other.
    const { type = 'Elasticsearch', distribution = distributionOf(type) } = found.engine;
    return { ...found, engine: { ...found.engine, type, distribution } };
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Replaces the description in one move, so that no reader ever sees half of it. */
export function writeBedState(state: BedState): void {
  const file = stateFile(bedHome());
  const unfinished = `${file}.new`;
  writeFileSync(unfinished, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
}

/** Where a bed in that folder is described. */
export function stateFile(home: string): string {
  return join(home, 'bed.json');
}

/** What a bed of an older checkout does not say of its engine. */
type Unsaid = 'type' | 'distribution';

type Described = Omit<BedState, 'engine'> & {
  readonly engine: Omit<BedState['engine'], Unsaid> & Partial<Pick<BedState['engine'], Unsaid>>;
};

/** Of a file that was cut off, nothing parses; this is for one of an older checkout, or of another program. */
function isWhole(found: unknown): found is Described {
  const state = found as Partial<BedState> | null;
  const provider = state?.provider;
  return (provider === 'local' || provider === 'kind') && typeof state?.home === 'string' && state.engine !== undefined;
}
