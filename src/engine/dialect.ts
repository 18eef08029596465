import type { EngineInfo } from './port.ts';
import type { HttpReply } from './transport.ts';

/** What one engine does differently from the REST shapes that both share. */
export type Dialect = {
  readonly type: EngineInfo['type'];
  readonly supportedMajors: readonly number[];
  /** Is this answer from that engine? */
  recognises(reply: HttpReply): boolean;
};
