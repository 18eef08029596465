import { describe, expect, it } from '@jest/globals';
import { proxyFor, proxySettings } from '../../../src/runtime/proxy.ts';

const proxy = 'http://proxy.example.org:3128';

describe('the proxy of an HTTPS host', () => {
  it.each([
    { says: 'is none without the variable', host: 'git.example.org', env: {}, expected: undefined },
    { says: 'is none when the variable is empty', host: 'a', env: { HTTPS_PROXY: '' }, expected: undefined },
    { says: 'is the one of HTTPS_PROXY', host: 'git.example.org', env: { HTTPS_PROXY: proxy }, expected: proxy },
    { says: 'is not the one for plain HTTP', host: 'a', env: { HTTP_PROXY: proxy }, expected: undefined },
    {
      says: 'is the one in small letters, where both are set',
      host: 'git.example.org',
      env: { HTTPS_PROXY: 'http://other', https_proxy: proxy },
      expected: proxy,
    },
  ])('$says', ({ host, env, expected }) => expect(proxyFor(host, env)).toBe(expected));

  it.each([
    ['*', 'git.example.org', true],
    ['git.example.org', 'git.example.org', true],
    ['git.example.org', 'GIT.example.org', true],
    ['example.org', 'git.example.org', true],
    ['.example.org', 'git.example.org', true],
    ['*.example.org', 'git.example.org', true],
    ['a.b, .example.org', 'git.example.org', true],
    ['a.b .example.org', 'git.example.org', true],
    ['ample.org', 'git.example.org', false],
    ['git.example.org.', 'git.example.org', false],
    ['', 'git.example.org', false],
    [',', 'git.example.org', false],
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['10.0.0.0/99', '10.1.2.3', false],
    ['10.0.0.0/8', 'fd00::1', false],
    ['fd00::/8', 'fd00::1', true],
    ['10.1.2.3', '10.1.2.3', true],
    ['2.3', '10.1.2.3', false],
  ])('with NO_PROXY=%s is left out for %s: %s', (direct, host, expected) => {
    expect(proxyFor(host, { HTTPS_PROXY: proxy, NO_PROXY: direct }) === undefined).toBe(expected);
  });

  it('is handed on under the names in capitals', () => {
    expect(proxySettings({ https_proxy: proxy, no_proxy: '.corp', HTTP_PROXY: '' })).toEqual({
      HTTPS_PROXY: proxy,
      NO_PROXY: '.corp',
    });
  });
});
