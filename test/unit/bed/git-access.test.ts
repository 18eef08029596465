import { describe, expect, it } from '@jest/globals';
import { accessTo, isPush } from '../../bed/git/access.ts';

const config = { username: 'developer', password: 'right', token: 'reader' };
const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

describe('access to the Git server of the bed', () => {
  const open = '/team/app.git/info/refs';
  const closed = '/private/app.git/info/refs';
  it.each([
    ['anybody reads an open repository', open, false, undefined, 'granted'],
    ['nobody reads a private one without credentials', closed, false, undefined, 'credentials-needed'],
    ['nobody pushes without credentials', open, true, undefined, 'credentials-needed'],
    ['the user reads a private one', closed, false, basic('developer', 'right'), 'granted'],
    ['the user pushes', closed, true, basic('developer', 'right'), 'granted'],
    ['the token reads a private one under any name', closed, false, basic('x-access-token', 'reader'), 'granted'],
    ['the token does not push', closed, true, basic('x', 'reader'), 'forbidden'],
    [
      'a wrong password is refused even where none is needed',
      open,
      false,
      basic('developer', 'no'),
      'credentials-needed',
    ],
    ['another scheme than Basic is refused', closed, false, 'Bearer reader', 'credentials-needed'],
  ])('%s', (_, path, push, authorization, expected) => {
    expect(accessTo({ path, isPush: push, authorization }, config).is).toBe(expected);
  });

  it.each([
    ['/a.git/info/refs', 'service=git-receive-pack', true],
    ['/a.git/git-receive-pack', '', true],
    ['/a.git/info/refs', 'service=git-upload-pack', false],
    ['/a.git/git-upload-pack', '', false],
  ])('knows from %s?%s whether it is a push: %s', (path, query, expected) => {
    expect(isPush(path, query)).toBe(expected);
  });
});
