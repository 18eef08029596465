import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { placeholders } from '../../support/checks/page-values.ts';
import { blocksIn, commandBlocks, commandPages, filled, placeholdersIn } from '../../support/checks/page-commands.ts';

const docs = join(import.meta.dirname, '..', '..', '..', 'docs');
const blocks = commandBlocks();

describe('the commands of the pages for the person on call', () => {
  it('are all found: every block of commands is run, or says why not', () => {
    for (const page of commandPages) {
      const fences = readFileSync(join(docs, page), 'utf8').match(/^ *```\w*$/gm) ?? [];
      const opened = fences.filter(fence => fence.trim() !== '```');
      expect([page, opened.map(fence => fence.trim())]).toEqual([
        page,
        blocks.filter(block => block.page === page).map(() => '```sh'),
      ]);
    }
  });

  it('stand in the runbooks one by one, and in no page that is not run', () => {
    const others = readdirSync(docs).filter(name => name.endsWith('.md') && !commandPages.includes(name));
    const withCommands = others.filter(name => blocksIn(name, readFileSync(join(docs, name), 'utf8')).length > 0);
    // How a worker is driven that another project wrote.
    expect(withCommands).toEqual(['worker-contract.md']);
  });

  it('have something to be put for each of their placeholders, and none is known that no page has', () => {
    const found = new Set(blocks.filter(({ notRun }) => notRun === undefined).flatMap(b => placeholdersIn(b.commands)));
    expect([...found].toSorted()).toEqual([...placeholders].toSorted());
  });
});

describe('a block of commands', () => {
  it('is taken out of a list as it would be typed, with the reason why it is not run', () => {
    const text =
      '1. Look:\n\n   <!-- not run: it ends the host -->\n\n   ```sh\n   reboot \\\n     now\n   ```\n\n```sh\nls\n```\n';
    expect(blocksIn('a.md', text)).toEqual([
      { id: 'a.md 1', page: 'a.md', notRun: 'it ends the host', commands: 'reboot \\\n  now\n' },
      { id: 'a.md 2', page: 'a.md', notRun: undefined, commands: 'ls\n' },
    ]);
  });

  it('has its placeholders filled, and not its columns and variables', () => {
    const values = { NAME: 'kibana', ALIAS: 'code' };
    const commands = 'kubectl get NAME -o custom-columns=NAME:.spec,AT:\'.x\'; curl -X PUT "$ENGINE/ALIAS-v1"';
    expect(filled(commands, values)).toBe(
      'kubectl get kibana -o custom-columns=NAME:.spec,AT:\'.x\'; curl -X PUT "$ENGINE/code-v1"',
    );
    expect(() => filled('kubectl delete POD', values)).toThrow('nothing is known to put for POD');
  });
});
