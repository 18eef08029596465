import type { Argument, Command, Option } from 'commander';

/** What a command line may go on with; `files` where only the shell knows. */
export type Completion = { readonly words: readonly Candidate[]; readonly files: boolean };

export type Candidate = { readonly word: string; readonly about?: string };

/** What stands elsewhere, each by the flags of the line so far; what cannot be asked is empty. */
export type Lookup = {
  readonly contexts: (flags: Flags) => Promise<readonly string[]>;
  readonly namespaces: (flags: Flags) => Promise<readonly string[]>;
  readonly runs: (flags: Flags) => Promise<readonly Candidate[]>;
  readonly repos: (flags: Flags) => Promise<readonly Candidate[]>;
};

export type Flags = Readonly<Record<string, string>>;

/** Where the cursor stands: in which command, after which flags, and at which argument or value of a flag. */
type Place = {
  readonly command: Command;
  readonly flags: Flags;
  readonly given: number;
  readonly isAfterDashes: boolean;
  readonly option: Option | undefined;
};

const nothing: Completion = { words: [], files: false };
const anyFile: Completion = { words: [], files: true };

/** How the last word goes on, which may be empty. A value after `--flag=` is completed without the flag. */
export async function complete(program: Command, typed: readonly string[], lookup: Lookup): Promise<Completion> {
  const words = withoutEqualSigns(typed);
  const last = words.at(-1) ?? '';
  const place = placeAfter(program, words.slice(0, -1));
  const { option, command } = place;
  if (option !== undefined) return startingWith(last, await valuesOf(option, place, lookup));
  const [, flag = '', value = ''] = /^(--[a-z-]+)=(.*)$/.exec(last) ?? [];
  if (flag !== '' && !place.isAfterDashes) {
    const named = optionCalled(command, flag);
    return named === undefined ? nothing : startingWith(value, await valuesOf(named, place, lookup));
  }
  if (last.startsWith('-') && !place.isAfterDashes) return startingWith(last, optionsOf(command));
  if (command.commands.length > 0) return place.given > 0 ? nothing : startingWith(last, verbsOf(command));
  const argument = command.registeredArguments[place.given] ?? restOf(command);
  return argument === undefined ? nothing : argumentOf(argument, { last, place, lookup });
}

/** Bash takes `--flag=value` for three words. */
function withoutEqualSigns(typed: readonly string[]): readonly string[] {
  const words: string[] = [];
  typed.forEach((word, at) => {
    const isSign = word === '=' && (words.at(-1) ?? '').startsWith('--');
    if (!isSign) words.push(word);
    else if (at === typed.length - 1) words.push('');
  });
  return words;
}

function placeAfter(program: Command, words: readonly string[]): Place {
  let place: Place = { command: program, flags: {}, given: 0, isAfterDashes: false, option: undefined };
  for (const word of words) place = after(place, word);
  return place;
}

function after(place: Place, word: string): Place {
  const { command, flags, option } = place;
  if (option !== undefined) return { ...place, flags: { ...flags, [option.attributeName()]: word }, option: undefined };
  if (place.isAfterDashes) return { ...place, given: place.given + 1 };
  if (word === '--') return { ...place, isAfterDashes: true };
  if (word.startsWith('-')) {
    const [flag = '', ...value] = word.split('=');
    const named = optionCalled(command, flag);
    if (named === undefined) return place;
    if (value.length > 0) return { ...place, flags: { ...flags, [named.attributeName()]: value.join('=') } };
    return { ...place, option: named.required ? named : undefined };
  }
  const next = command.commands.find(each => each.name() === word);
  return next === undefined ? { ...place, given: place.given + 1 } : { ...place, command: next };
}

function optionCalled(command: Command, flag: string): Option | undefined {
  return command.options.find(({ long, short }) => flag === long || flag === short);
}

/** The last argument of a command may take any number of words. */
function restOf({ registeredArguments }: Command): Argument | undefined {
  const last = registeredArguments.at(-1);
  return last?.variadic === true ? last : undefined;
}

function verbsOf({ commands }: Command): Completion {
  return { words: commands.map(each => ({ word: each.name(), about: each.description() })), files: false };
}

function optionsOf({ options }: Command): Completion {
  const words = options.flatMap(({ long, description }) => (long == null ? [] : [{ word: long, about: description }]));
  return { words: [...words, { word: '--help', about: 'arguments and flags' }], files: false };
}

const ofFiles: readonly (string | null | undefined)[] = ['--filename', '--kubeconfig', '--ca', '--git-ca'];

async function valuesOf({ long, argChoices }: Option, { flags }: Place, lookup: Lookup): Promise<Completion> {
  if (argChoices !== undefined) return named(argChoices);
  if (ofFiles.includes(long)) return anyFile;
  if (long === '--context') return named(await lookup.contexts(flags));
  return long === '--namespace' ? named(await lookup.namespaces(flags)) : nothing;
}

type Asked = { readonly last: string; readonly place: Place; readonly lookup: Lookup };

async function argumentOf(argument: Argument, { last, place, lookup }: Asked): Promise<Completion> {
  if (argument.argChoices !== undefined) return startingWith(last, named(argument.argChoices));
  switch (argument.name()) {
    case 'repository':
      return anyFile;
    case 'run':
      return objects(last, await Promise.all([lookup.runs(place.flags), lookup.repos(place.flags)]));
    case 'repo':
      return objects(last, [[], await lookup.repos(place.flags)]);
    default:
      return nothing;
  }
}

/** Names alone, or behind the kind that was typed. */
function objects(last: string, [runs, repos]: readonly [readonly Candidate[], readonly Candidate[]]): Completion {
  const kind = /^(.*)\//.exec(last)?.[1];
  if (kind === undefined) return startingWith(last, { words: [...runs, ...repos], files: false });
  const chosen = /^(rreq|reindexrequests?)(\.|$)/i.test(kind) ? runs : repos;
  return startingWith(last, { words: chosen.map(each => ({ ...each, word: `${kind}/${each.word}` })), files: false });
}

function named(words: readonly string[]): Completion {
  return { words: words.map(word => ({ word })), files: false };
}

function startingWith(start: string, { words, files }: Completion): Completion {
  return { words: words.filter(({ word }) => word.startsWith(start)), files };
}

/** As kubectl reads it from what completes a plugin: a word a line, what it is after a tab, and last whether files are no answer. */
export function completionText({ words, files }: Completion): string {
  const lines = words.map(({ word, about = '' }) => (about === '' ? word : `${word}\t${about}`));
  return [...lines, files ? ':0' : ':4', ''].join('\n');
}
