import { describe, expect, it } from '@jest/globals';
import { looksRemote, parseRemote } from '../../../src/domain/git-url.ts';
import { branchLabel, isCommit, refProblem } from '../../../src/domain/ref.ts';

describe('a remote', () => {
  it.each<[string, 'https' | 'ssh', string, number]>([
    ['https://github.com/acme/kibana.git', 'https', 'github.com', 443],
    ['https://Host.example:8443/a/b', 'https', 'host.example', 8443],
    ['https://127.0.0.1:3000/a.git', 'https', '127.0.0.1', 3000],
    ['ssh://git@host.example:2222/a/b.git', 'ssh', 'host.example', 2222],
    ['ssh://host/a', 'ssh', 'host', 22],
    ['git@github.com:acme/kibana.git', 'ssh', 'github.com', 22],
    ['git@host:/srv/a.git', 'ssh', 'host', 22],
  ])('is %s', (url, protocol, host, port) => {
    expect(parseRemote(url)).toEqual({ url, protocol, host, port });
  });

  it.each([
    'http://host/a',
    'HTTPS://host/a',
    'https://user:secret@host/a',
    'https://user@host/a',
    'https://host',
    'https:///a',
    'https://host/a b',
    'https://host/a?x=1',
    'https://host/../a',
    'https://host/a/..',
    'ssh://user:secret@host/a',
    'ssh://-oProxyCommand=x/a',
    'git@-oProxyCommand=x:a',
    '-u@host:a',
    'git@host:../a',
    'file:///etc/passwd',
    'ext::sh -c id',
    'EXT::sh -c id',
    'git://host/a',
    '/etc',
    '../a',
    '--upload-pack=x',
    `https://host/${'a'.repeat(1024)}`,
    'https://host/a\n',
  ])('is not %j', url => {
    expect(parseRemote(url)).toBeUndefined();
  });

  it.each<[string, boolean]>([
    ['https://host/a', true],
    ['ext::sh -c id', true],
    ['file:///a', true],
    ['git@host:a', true],
    ['/a/b', false],
    ['.', false],
    ['a:b', false],
    ['../x@y/z', false],
  ])('is what a user means by %s: %s', (text, isRemote) => {
    expect(looksRemote(text)).toBe(isRemote);
  });
});

describe('a ref', () => {
  it.each(['', 'main', 'feature/a-b_c', 'v1.2.3', 'refs/heads/main', 'a'.repeat(40), 'release@2', '@scope/pkg@1.0.0'])(
    'may be %j',
    ref => {
      expect(refProblem(ref)).toBeUndefined();
    },
  );

  it.each(['HEAD^{/x}', 'a..b', '@{-1}', '@', '-x', '/a', 'a/', '.a', 'a/.b', 'a.lock', 'a.lock/b', 'a b', 'a:b', 'a*', 'a[', 'a\\', 'a\n', 'a//b', 'a.', 'x'.repeat(256)])(
    'may not be %j',
    ref => {
      expect(refProblem(ref)).toBeDefined();
    },
  ); // prettier-ignore

  it('is a commit only as a whole', () => {
    expect([isCommit('a'.repeat(40)), isCommit('a'.repeat(64)), isCommit('a'.repeat(39)), isCommit('A'.repeat(40))]).toEqual([true, true, false, false]); // prettier-ignore
  });

  it('labels documents unless it is a commit', () => {
    expect([branchLabel('main'), branchLabel(''), branchLabel('a'.repeat(40))]).toEqual(['main', '', '']);
  });
});
