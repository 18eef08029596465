import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { gitSource } from '../../../src/api/git-source.ts';
import { branchLabel, candidateRefs, refProblem, shortRef } from '../../../src/domain/ref.ts';

const names = 2_000;

/** Names as people write them, with what Git minds strewn in. */
const part = fc.oneof(
  { weight: 8, arbitrary: fc.stringMatching(/^[A-Za-z0-9_.@+=%#!$&'"(),;<>|{}`-]{1,8}$/) },
  { weight: 2, arbitrary: fc.constantFrom('main', 'v1.2.3', '@scope', 'pkg@1.0.0', 'fix-#12', 'ünïcode', '枝', '😀') },
  { weight: 2, arbitrary: fc.constantFrom('.', '..', '.lock', 'a.lock', 'x.lockfile', '@', '@{', '@{-1}', '{}', '.a') },
  { weight: 1, arbitrary: fc.constantFrom('~', '^', ':', '?', '*', '[', '\\', '\x7f', '\x01', '\x9f', '\u2028') },
);
const name = fc
  .array(fc.tuple(part, fc.constantFrom('', '', '/', '/', '/', '//', '.')), { minLength: 1, maxLength: 4 })
  .map(parts => parts.map(([text, border]) => text + border).join(''))
  .map(text => (text.length > 3 ? text.replace(/[/.]$/, '') : text))
  .filter(text => text !== '');

/** Git itself, in as few processes as possible: `show-ref` judges a list as `check-ref-format` judges one. */
function judgedByGit(texts: readonly string[]): ReadonlySet<string> {
  const folder = mkdtempSync(join(tmpdir(), 'reindeer-ref-rule-'));
  try {
    const git = (args: readonly string[], input = '') => {
      const { status, stdout, error } = spawnSync('git', ['-C', folder, ...args], { input, encoding: 'utf8' });
      if (error) throw error;
      return { status, stdout };
    };
    git(['init', '--quiet', '--bare']);
    // A name that begins with a hyphen, and @, mean more to Git than others: these it is asked for one by one.
    const alone = (text: string): boolean => /^-|^@$|\s|\^\{\}$/u.test(text);
    const together = texts.filter(text => !alone(text)).map(text => `refs/heads/${text}\n`);
    const { stdout } = git(['show-ref', '--exclude-existing'], together.join(''));
    const good = stdout.split('\n').map(line => line.slice('refs/heads/'.length));
    const asks = (text: string) => ['check-ref-format', text.startsWith('-') ? '--branch' : '--allow-onelevel', text];
    return new Set([...good, ...texts.filter(text => alone(text) && git(asks(text)).status === 0)]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the rule of refs', () => {
  it(`is that of git check-ref-format, for ${names} names`, () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const texts = [...new Set(fc.sample(name, { seed, numRuns: names * 2 }))].slice(0, names);
    const good = judgedByGit(texts);
    const differing = texts.filter(text => (refProblem(text) === undefined) !== good.has(text));
    expect({ seed, differing }).toEqual({ seed, differing: [] });
    expect(texts).toHaveLength(names);
    expect(good.size).toBeGreaterThan(names / 4);
    expect(good.size).toBeLessThan((3 * names) / 4);
    const schema = gitSource.shape.ref;
    expect(texts.filter(text => schema.safeParse(text).success !== (refProblem(text) === undefined))).toEqual([]);
  });

  it('takes no NUL, which Git cannot even be asked about', () => {
    expect(refProblem('a\0b')).toBeDefined();
  });
});

describe('HEAD', () => {
  it.each(['', 'HEAD'])('is the HEAD of the repository, written %j', ref => {
    expect([candidateRefs(ref), branchLabel(ref)]).toEqual([['HEAD'], '']);
  });

  it('is not the branch of that name, which has a longer one', () => {
    expect([candidateRefs('refs/heads/HEAD'), shortRef('refs/heads/HEAD')]).toEqual([['refs/heads/HEAD'], 'HEAD']);
  });
});
