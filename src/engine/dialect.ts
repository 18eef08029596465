import type { EngineType } from './port.ts';
import type { HttpReply } from './transport.ts';

/** What one engine does differently from the REST shapes that both share. */
export type Dialect = {
  readonly type: EngineType;
  /** The oldest release of each major that is spoken with. */
  readonly supported: readonly Release[];
  /** Is this answer from that engine? Told by a header, or by what `GET /` says; not every release answers both ways. */
  recognises(reply: HttpReply): boolean;
  readonly can: Abilities;
};

export type Release = { readonly major: number; readonly minor: number };

/** What not both engines take on the wire, told by trying it: `test/contract/abilities.test.ts`. */
export type Abilities = {
  /** A view that stays the same is opened by `_pit`; else by `_search/point_in_time`. */
  readonly openPit: boolean;
  /** A search may be sent to the primary of a shard, by the preference `_primary`. */
  readonly preferPrimary: boolean;
};
