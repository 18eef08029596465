import { readFileSync } from 'node:fs';
import type { BedState } from '../../bed/state.ts';

export type AuditEvent = {
  readonly verb: string;
  readonly stageTimestamp: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly resource: string; readonly namespace?: string; readonly name?: string };
};

/** What the API server of a bed was asked for since then, reads and writes alike. */
export function auditedSince({ apiServer }: BedState, begun: Date): readonly AuditEvent[] {
  const lines = readFileSync(apiServer.auditLog, 'utf8').trim().split('\n');
  return lines.map(line => JSON.parse(line) as AuditEvent).filter(event => new Date(event.stageTimestamp) >= begun);
}
