import type { AliasProperties } from './alias-member.ts';

/** The names of hidden aliases that writers of an index, and its cut-over, are fenced by. All pure. */

/** An index with all its aliases. */
export type Aliased = { readonly name: string; readonly aliases: Readonly<Record<string, AliasProperties>> };

/** The epoch of the candidate's writer lease, from 0; and which attempt of it, from 1. The operator, which gives up alone, has 0. */
export type Turn = { readonly epoch: number; readonly attempt: number };

/** The epoch, and where the index is divided among several writers the part, or in a cut-over the attempt. */
const writers = /^W\d+(\.P\d+\.\d+|\.\d+)?(\.draining)?$/;
const blocks = /^C\d+\.\d+(\.lifting)?$/;

/** The write aliases that an index has: one, but in the middle of a take-over; sorted. */
export function writeAliasesIn(index: Aliased): readonly string[] {
  return namesIn(index, writers);
}

/** The aliases that cut-overs block an index through: none but while one is under way, or was left; sorted. */
export function blockNamesIn(index: Aliased): readonly string[] {
  return namesIn(index, blocks);
}

function namesIn({ name, aliases }: Aliased, pattern: RegExp): readonly string[] {
  const prefix = `${name}.`;
  return Object.keys(aliases)
    .filter(alias => alias.startsWith(prefix) && pattern.test(alias.slice(prefix.length)))
    .sort();
}

/** Of a name of either kind. */
export function turnOf({ index, alias }: { readonly index: string; readonly alias: string }): Turn {
  const [, epoch = '0', attempt = '0'] = /^(\d+)(?:\.(\d+))?/.exec(alias.slice(index.length + '.W'.length)) ?? [];
  return { epoch: Number(epoch), attempt: Number(attempt) };
}

export function isLaterTurn(of: Turn, { epoch, attempt }: Turn): boolean {
  return of.epoch === epoch ? of.attempt > attempt : of.epoch > epoch;
}
