import { afterAll, describe, expect, it } from '@jest/globals';
import { below, pick, seededRandom, type Random } from '../../../../../bench/harness/random.ts';
import { configurationBytes } from '../../../../../src/workers/index/tree/decode.ts';
import { parseIgnoreFile } from '../../../../../src/workers/index/tree/ignore-file.ts';
import { gitIgnore } from '../../../../support/checks/git-ignore.ts';
import { seed } from '../../../../support/objects/sampled.ts';

const ignores = (file: string | Buffer, path: string, isFolder = false): boolean =>
  parseIgnoreFile(configurationBytes(Buffer.from(file as string)))(Buffer.from(path), isFolder);

describe('an ignore file', () => {
  it.each<[string, string, string, boolean]>([
    ['a name anywhere', 'build', 'a/build/x.ts', true],
    ['a name as a file', 'build', 'a/build', true],
    ['no part of a name', 'build', 'rebuild/x', false],
    ['a star', '*.log', 'a/b.log', true],
    ['a path from the root', 'a/b', 'a/b/c', true],
    ['a path from the root only', 'a/b', 'x/a/b/c', false],
    ['a leading slash', '/a', 'a/x', true],
    ['a leading slash only at the root', '/a', 'b/a', false],
    ['a folder', 'a/', 'x/a/b', true],
    ['a folder and not a file', 'a/', 'x/a', false],
    ['two stars', 'a/**/z', 'a/b/c/z', true],
    ['not what the last line that matches takes back', '*.ts\n!keep.ts', 'a/keep.ts', false],
    ['what lies in an ignored folder, whatever is taken back', 'a/\n!a/keep.ts', 'a/keep.ts', true],
    ['no comment', '# a', '# a', false],
    ['an escaped comment', '\\#a', '#a', true],
    ['spaces at the end', 'a  ', 'a', true],
    ['CRLF', 'a\r\nb\r\n', 'b', true],
    ['a lone CR', 'a\rb\r', 'b', true],
    ['a leading dot', '*', '.hidden', true],
    ['a route group', 'app/(auth)/', 'app/(auth)/page.tsx', true],
    ['not the folder beside a route group', 'app/(auth)/', 'app/auth/page.tsx', false],
    ['a slot', '@modal/', 'app/@modal/page.tsx', true],
    ['braces as they stand', '{a,b}', '{a,b}', true],
    ['no list in braces', '{a,b}', 'a', false],
    ['a bracket as the characters in it', '[slug]', 's', true],
    ['an escaped bracket', '\\[slug\\]', '[slug]', true],
    ['bytes, not characters', '?', 'ü', false],
    ['letters by POSIX class', '[[:upper:]]*', 'a/Readme', true],
  ])('leaves out %s', (_, text, path, ignored) => {
    expect(ignores(text, path)).toBe(ignored);
  });

  it.each<[string, Buffer]>([
    ['UTF-8 with a mark', Buffer.from('\ufeffgrün/\n')],
    ['UTF-16', Buffer.from('\ufeffgrün/\r\n', 'utf16le')],
    ['UTF-16 big-endian', Buffer.from('\ufeffgrün/\n', 'utf16le').swap16()],
  ])('is read in %s', (_, file) => {
    expect(ignores(file, 'a/grün/b')).toBe(true);
    expect(ignores(file, 'a/b')).toBe(false);
  });

  it('takes a submodule for a folder', () => {
    expect([ignores('vendor/', 'vendor', true), ignores('vendor/', 'vendor')]).toEqual([true, false]);
  });

  it('is done with what makes other matchers go back for ever', () => {
    const started = process.cpuUsage();
    expect(ignores('**/*a*a/'.repeat(6) + 'b', 'aaaaa/'.repeat(60) + 'c')).toBe(false);
    expect(ignores(`${'*a'.repeat(30)}b`, 'a'.repeat(5000))).toBe(false);
    expect(ignores(`[${'[:'.repeat(50_000)}`, 'a')).toBe(false);
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(2);
  });
});

describe('an ignore file and Git', () => {
  const git = gitIgnore();
  afterAll(() => git.remove());
  const [files, pathsOfEach] = [100, 20];

  it(`say the same of ${files * pathsOfEach} generated paths (seed ${seed})`, () => {
    const random = seededRandom(seed);
    for (let i = 0; i < files; i += 1) {
      const file = `${Array.from({ length: 1 + below(random, 4) }, () => aPattern(random)).join('\n')}\n`;
      const paths = Array.from({ length: pathsOfEach }, () => aPath(random));
      const ours = parseIgnoreFile(Buffer.from(file, 'latin1'));
      const said = paths.map(path => ({ file, path, ignored: ours(Buffer.from(path, 'latin1'), false) }));
      const judged = git.ignored(file, paths);
      expect(said).toEqual(paths.map((path, n) => ({ file, path, ignored: judged[n] })));
    }
  });
});

// prettier-ignore
const names = [
  'a', 'b', 'ab', 'aab', 'abc', 'auth', '(auth)', '[slug]', '@modal', '{a}', 'a.ts', '.x', 'b c', '\xc3\xbc', '\xff', 'a+b', '#a',
  '!a', 'c ', '\\a', 'a*', 'build', 'a^', 'a|b', '$a', 'a]', '-', 'A', '1', 'a\rb', '\t', 'a:', 'x'.repeat(200),
];
// prettier-ignore
const parts = [
  'a', 'b', '*', '?', '**', '***', '[ab]', '[!a]', '[^b]', '[a-c]', '[c-a]', '[a-]', '[]-a]', '[!]a]', '[a/b]', '[[:alpha:]]',
  '[[:alnum:]_]', '[[:punct:]]', '[[:space:]]', '[![:upper:]]', '[[:none:]]', '[[:alpha]', '[[::]]', '[', '[a', '[a\\]]', '[\\a-c]',
  '[a-\\c]', '\\', '\\a', '\\*', '\\[', '\\\\', '\\/', ' ', '\\ ', '!', '#', '(auth)', '@modal', '{a,b}', '.', '.ts', '\xc3\xbc',
  '\xff', '[\xc3]', '+', '$', '^', '|', ']', '-', '\t', '\r', '\0',
];

function aPattern(random: Random): string {
  const part = (): string => {
    const kind = below(random, 20);
    if (kind < 9) return pick(random, names);
    if (kind < 13) return '**';
    return Array.from({ length: 1 + below(random, 3) }, () => pick(random, parts)).join('');
  };
  const body = Array.from({ length: 1 + below(random, 3) }, part).join('/');
  const sometimes = (text: string, oneIn: number): string => (below(random, oneIn) === 0 ? text : '');
  return `${sometimes('!', 4)}${sometimes('/', 4)}${body}${sometimes('/', 3)}${sometimes(' ', 10)}${sometimes('\r', 10)}`;
}

function aPath(random: Random): string {
  return Array.from({ length: 1 + below(random, 4) }, () => pick(random, names)).join('/');
}
