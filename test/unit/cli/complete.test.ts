import { describe, expect, it } from '@jest/globals';
import { calledAs } from '../../../src/cli/called-as.ts';
import { complete, completionText, type Flags, type Lookup } from '../../../src/cli/complete.ts';
import { createProgram } from '../../../src/cli/program.ts';

const unused = async (): Promise<never> => {
  throw new Error('nothing runs while a line is completed');
};
const program = createProgram(unused, unused);

/** A cluster; `asked` has the flags that it was asked with. */
const aCluster = (asked: Flags[] = []): Lookup => {
  const answer =
    <T>(found: T) =>
    async (flags: Flags): Promise<T> => {
      asked.push(flags);
      return found;
    };
  return {
    contexts: answer(['home', 'work']),
    namespaces: answer(['shop', 'pay']),
    runs: answer([{ word: 'kibana-8f3a', about: 'Rebuild of kibana, Building' }]),
    repos: answer([{ word: 'kibana', about: 'IndexedRepo with alias kibana' }]),
  };
};

const words = async (...typed: readonly string[]): Promise<readonly string[]> =>
  (await complete(program, typed, aCluster())).words.map(({ word }) => word);

describe('a line that is not finished', () => {
  it.each<[string, readonly string[]]>([
    ['pa', ['pause']],
    ['lock ', ['show', 'break', 'release-owner']],
    ['lock s', ['show']],
    ['nothing ', []],
    ['pause ', ['kibana-8f3a', 'kibana']],
    ['pause kibana-', ['kibana-8f3a']],
    ['pause rreq/k', ['rreq/kibana-8f3a']],
    ['pause reindexrequests.reindeer.dev/', ['reindexrequests.reindeer.dev/kibana-8f3a']],
    ['pause irepo/', ['irepo/kibana']],
    ['pause kibana ', []],
    ['pause -n shop k', ['kibana-8f3a', 'kibana']],
    ['pause -- k', ['kibana-8f3a', 'kibana']],
    ['pause -- -', []],
    ['rollback ', ['kibana']],
    ['approve --ga', ['--gate']],
    ['approve --gate ', ['BeforeSwitch', 'AfterBake', 'Unclear']],
    ['approve --gate=A', ['AfterBake']],
    ['approve --gate = A', ['AfterBake']],
    ['approve --gate =', ['BeforeSwitch', 'AfterBake', 'Unclear']],
    ['watch -o ', ['json', 'yaml']],
    ['watch --context w', ['work']],
    ['watch -n ', ['shop', 'pay']],
    ['rollback --to-version ', []],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['status ', []],
  ])('goes on after %j', async (line, expected) => {
    expect(await words(...line.split(' '))).toEqual(expected);
  });

  it('knows every verb and each of its flags', async () => {
    const verbs = await words('');
    expect(verbs).toEqual(program.commands.map(each => each.name()));
    for (const verb of program.commands.filter(({ commands }) => commands.length === 0)) {
      const flags = verb.options.map(({ long }) => long);
      expect([verb.name(), await words(verb.name(), '-')]).toEqual([verb.name(), [...flags, '--help']]);
    }
  });

  it.each(['plan -f ', 'watch --kubeconfig ', 'index --ca ', 'index '])('leaves files to the shell: %j', async line => {
    expect(await complete(program, line.split(' '), aCluster())).toEqual({ words: [], files: true });
  });

  it('asks the cluster that its flags name', async () => {
    const asked: Flags[] = [];
    const line = ['pause', '-n', 'shop', '--context=home', '--kubeconfig', '/k', '--dry-run=server', ''];
    await complete(program, line, aCluster(asked));
    expect(asked[0]).toEqual({ namespace: 'shop', context: 'home', kubeconfig: '/k', dryRun: 'server' });
  });

  it('is told as kubectl reads it of what completes a plugin', async () => {
    const answer = await complete(program, ['pause', 'kibana-'], aCluster());
    expect(completionText(answer)).toBe('kibana-8f3a\tRebuild of kibana, Building\n:4\n');
    expect(completionText({ words: [{ word: 'a' }], files: true })).toBe('a\n:0\n');
  });
});

describe('the name of the program', () => {
  it.each([
    ['/usr/local/bin/reindeer', 'reindeer'],
    ['/app/dist/main.js', 'reindeer'],
    ['/x/kubectl-reindeer', 'kubectl reindeer'],
    ['/x/kubectl-reindeer.js', 'kubectl reindeer'],
    ['/x/kubectl_complete-reindeer', 'completion'],
    [undefined, 'reindeer'],
  ])('%s makes it %s', (file, is) => {
    expect(calledAs(file)).toBe(is);
  });
});
