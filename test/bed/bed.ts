import type { Authority, Identity } from './certificates.ts';
import type { Components } from './components.ts';
import type { Site } from './site.ts';
import type { BedLevel } from './state.ts';

/** What every part of a bed is started with. */
export type Bed = {
  readonly level: BedLevel;
  readonly home: string;
  readonly site: Site;
  readonly components: Components;
  readonly authority: Authority;
  /** Shown by every server of the bed; valid for each of its addresses. */
  readonly server: Identity;
};
