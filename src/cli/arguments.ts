import { posix } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { aliasProblem, splitRepositoryArgument } from '../domain/aliases.ts';
import { bounded } from '../domain/bounded-text.ts';
import { UsageError } from './usage-error.ts';

/** What arguments and flags may hold. Each throws for what it cannot be. */

/** What `index` takes: a repository, and the alias behind it or made of its name. */
export function repositoryAndAlias(argument: string): { readonly repository: string; readonly alias: string } {
  const split = splitRepositoryArgument(argument);
  const problem = aliasProblem(split.alias);
  if (problem === undefined) return split;
  throw new UsageError('no alias can be made of the name of the repository: write REPOSITORY:ALIAS');
}

/** One alias, never a list or a pattern. */
export function aliasOf(text: string): string {
  const problem = aliasProblem(text);
  if (problem === undefined) return text;
  throw new UsageError(`${JSON.stringify(bounded(text))} is not one alias: it ${problem}`);
}

/** Places that a search shows, 1 to 100. */
export function limitOf(text: string): number {
  return wholeNumber(text, 1, 100);
}

/** Seconds to watch, 1 to 3600. */
export function secondsOf(text: string): number {
  return wholeNumber(text, 1, 3600);
}

/** A fencing token. */
export function tokenOf(text: string): number {
  return wholeNumber(text, 0, Number.MAX_SAFE_INTEGER);
}

/** A whole number in digits, from and to included. Throws InvalidArgumentError for any other text. */
export function wholeNumber(text: string, from: number, to: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= from && number <= to) return number;
  throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
}

/** A folder as paths of documents begin with it. Throws UsageError for one that is none of the repository's. */
export function folderOf(text: string): string {
  const folder = posix.normalize(text).replace(/\/+$/, '');
  if (text === '' || folder.startsWith('/') || /^\.\.(\/|$)/.test(folder))
    throw new UsageError('--path names a folder of the repository, such as packages/api');
  return folder === '.' ? '' : folder;
}
