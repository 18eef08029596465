import type { JsonObject } from './json.ts';
import type { KeptOff, Zones } from './zones.ts';

export type IndexBody = {
  readonly settings: JsonObject;
  readonly mappings: JsonObject;
  readonly aliases?: JsonObject;
};

/** `_meta` of every index that Reindeer creates. Ownership is decided by `ownerUid`, never by the name alone. */
export type IndexMeta = {
  readonly managedBy: 'reindeer';
  readonly schema: number;
  readonly alias: string;
  readonly version: number;
  readonly ownerUid: string;
  readonly requestUid: string;
  /** Name and spec of that request, for the case that it is made anew. */
  readonly request?: string;
  readonly token: number;
  readonly shapeHash: string;
  /** Number of the version that goes once this one serves. Absent: none, or retention decides. */
  readonly replaces?: number;
  /** Uid of the request that tries a body on this index and deletes it. Absent: it is one of a version. */
  readonly scratchOf?: string;
  /** Of a version that is built in the build zone. Absent: it was made anywhere. */
  readonly zones?: Zones;
  /** Of what served while another version was built in the build zone. Absent: no filter is to be taken back. */
  readonly keptOff?: KeptOff;
  /** Of a version that is copied: from what, and how far. Absent: it is filled in another way, or not begun. */
  readonly copied?: Copied;
};

/** What a copy wrote down of itself in the index that it fills. */
export type Copied = {
  /** The index that is read. */
  readonly from: string;
  /** By shard of it: every operation up to this sequence number is in the copy. */
  readonly checkpoints: Readonly<Record<string, number>>;
  /** That it holds, when it was counted last. */
  readonly documents: number;
  /** That the engine would not take. */
  readonly refused: number;
  /** Both sides counted and compared as of the checkpoints. Absent: not yet. */
  readonly verified?: {
    readonly live: number;
    readonly candidate: number;
    readonly compared: number;
    readonly differing: number;
  };
};
