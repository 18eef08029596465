/**
 * What each metric must reach: ratios taken in one run on one machine, so that they mean the same on any. This file is
 * the one place where they stand; a case names the one that it answers.
 */
export type Target = {
  /** What our figure is divided by; `none` = the figure itself is bounded. */
  readonly against: 'limit' | 'peer' | 'none';
  readonly bound: 'at least' | 'at most';
  readonly value: number;
};

const atLeast = (value: number, against: Target['against']): Target => ({ against, bound: 'at least', value });
const atMost = (value: number, against: Target['against']): Target => ({ against, bound: 'at most', value });

export const targets = {
  /** New resources come to rest. Limit: a bare loop that writes the same. Peer: the same operator in Go. */
  K1: {
    rateOfCeiling: atLeast(0.85, 'limit'),
    writesPerResource: atMost(2, 'none'),
    readsPerResource: atMost(0, 'none'),
  },
  /** From a change to the write that follows. Limit: a bare watch that writes. Peer: the same operator in Go. */
  K2: {
    medianOfPeer: atMost(1.1, 'peer'),
    slowestOfPeer: atMost(1.5, 'peer'),
  },
  /** Everything is looked at again and nothing has changed. */
  K3: {
    requests: atMost(0, 'none'),
    microsecondsPerResource: atMost(20, 'none'),
  },
  /** Nothing happens. Peer: our own operator with few resources. */
  K4: {
    requestsWithResources: atMost(1.05, 'peer'),
    corePercent: atMost(0.1, 'none'),
  },
  /** Memory. Limit of the peak: what is held at rest. */
  K5: {
    megabytesPer10k: atMost(8, 'none'),
    peakOfRest: atMost(1.3, 'limit'),
  },
  /** Git to NDJSON that is thrown away. Limit: `cat-file` to discard. */
  G1: {
    lineRateOfLimit: atLeast(0.5, 'limit'),
    /** Peer: cindex, which makes trigrams only. */
    lineCpuOfCindex: atMost(2, 'peer'),
    /** Limit: the grammars alone over the same files, in WebAssembly, in one thread. */
    syntaxRateOfParse: atLeast(0.85, 'limit'),
    /** Peer: ctags, which finds symbols only. */
    syntaxCpuOfCtags: atMost(2, 'peer'),
  },
  /** Full index into a node. Limit: the same documents, serialised before, from a minimal client. */
  G2: {
    lineRateOfLimit: atLeast(0.9, 'limit'),
    syntaxRateOfLimit: atLeast(0.75, 'limit'),
  },
  /** Incremental runs. Limit: `diff-tree`, the changed blobs, one bulk. Peer: our own run elsewhere, as the case says. */
  G3: {
    noopSeconds: atMost(0.4, 'none'),
    /** Ten changes in the largest repository against ten in the one of 1,000 files. */
    growthWithRepository: atMost(1.2, 'peer'),
    /** A changed file against a file of a full run. */
    perFileOfFull: atMost(1.3, 'peer'),
    /** Ten changes against a full run. */
    tenChangesOfFull: atMost(0.02, 'peer'),
  },
  /** Bytes fetched by a run that has no volume, ten changes. Limit: changed blobs and trees. Peer: a shallow clone. */
  G4: {
    bytesOfLimit: atMost(1.5, 'limit'),
    bytesOfClone: atMost(0.05, 'peer'),
  },
  /** A thousand files move. Peer: a full run. */
  G5: {
    contentWork: atMost(0, 'none'),
  },
  /** Start of a light Job to its first useful call. Limit: `node -e 0`. */
  J1: {
    secondsOverNode: atMost(0.25, 'none'),
    residentMegabytes: atMost(90, 'none'),
  },
  /** Abort to the last write at the engine and the freed lock, at each step. */
  L1: {
    seconds: atMost(5, 'none'),
  },
  /** A Rollback from its creation to the alias at the version before; with the warming that is declared, ten seconds. */
  L2: {
    seconds: atMost(10, 'none'),
    secondsWarmed: atMost(20, 'none'),
  },
  /** What a client sees of a switch. Limit of the second of the switch: the second before. */
  L3: {
    failed: atMost(0, 'none'),
    slowestOfBefore: atMost(1.5, 'limit'),
  },
  /** What a build is checked by, as a share of it. */
  C8: {
    counts: atMost(0.02, 'none'),
    digest: atMost(0.6, 'none'),
  },
  /** A full index of a gigabyte within a memory limit of 512 MiB. Limit: that. */
  M1: {
    peakOfLimit: atMost(1, 'limit'),
    indexedShare: atLeast(0.7, 'none'),
    parsedShare: atLeast(0.4, 'none'),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Target>>>>;

/** Whether the bad end of what was measured is within the target; a figure without an interval is its own bad end. */
export function isMet(target: Target, figure: number, interval: { low: number; high: number } | null): boolean {
  return target.bound === 'at least'
    ? (interval?.low ?? figure) >= target.value
    : (interval?.high ?? figure) <= target.value;
}

export function targetText({ bound, value, against }: Target): string {
  const sign = bound === 'at least' ? '>=' : '<=';
  return against === 'none' ? `${sign} ${value}` : `${sign} ${value} of ${against}`;
}
