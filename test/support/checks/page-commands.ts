import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A block of commands in a page, as a reader would copy it. */
export type CommandBlock = {
  /** Its page below docs/, and where it stands in it: `upgrade.md 2`. */
  readonly id: string;
  readonly page: string;
  readonly commands: string;
  /** Why it is not run, as the page says it. Absent: it is run. */
  readonly notRun?: string | undefined;
};

const docs = join(import.meta.dirname, '..', '..', '..', 'docs');

/** Pages whose commands are run, below docs/. The last one takes everything away. */
export const commandPages: readonly string[] = [
  'command-line.md',
  ...readdirSync(join(docs, 'runbooks'))
    .sort()
    .map(name => join('runbooks', name)),
  'upgrade.md',
  'backup-restore.md',
  'uninstall.md',
];

/** `<!-- not run: WHY -->` right before a block; both may stand in a list. */
const fenced = /(?:<!-- not run: (.+?) -->\s*)?^( *)```sh\n(.*?)^\2```$/gms;

export function blocksIn(page: string, text: string): readonly CommandBlock[] {
  return [...text.matchAll(fenced)].map(([, notRun, indent = '', body = ''], at) => ({
    ...{ id: `${page} ${at + 1}`, page, notRun },
    commands: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** All blocks of the pages, in the order in which they are run. */
export function commandBlocks(): readonly CommandBlock[] {
  return commandPages.flatMap(page => blocksIn(page, readFileSync(join(docs, page), 'utf8')));
}

/** A word in capitals, but for the heads of columns and the variables of the shell. */
const capitals = /(?<![\w$.])[A-Z]{2,}(?!\w|:[.'])/g;
const methods: ReadonlySet<string> = new Set(['DELETE', 'PUT']);

/** What a reader puts something else for. */
export function placeholdersIn(commands: string): readonly string[] {
  return [...new Set(commands.match(capitals))].filter(word => !methods.has(word));
}

/** Throws for a word that nothing is known to put for: no command is run as it stands in the page by mistake. */
export function filled(commands: string, values: Readonly<Record<string, string>>): string {
  return commands.replaceAll(capitals, word => {
    const value = methods.has(word) ? word : values[word];
    if (value === undefined) throw new Error(`nothing is known to put for ${word}`);
    return value;
  });
}
