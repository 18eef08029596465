import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { engineOptions, gitCredentials } from '../../../src/cli/connection.ts';
import { bar, createOutput, table } from '../../../src/cli/output.ts';
import { oneLine, printable } from '../../../src/domain/bounded-text.ts';
import { handClock } from '../../support/fakes/hand-clock.ts';

class Screen extends Writable {
  text = '';
  isTTY = false;
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const half = { done: 50, total: 100, perSecond: 10 };

describe('what the command line prints', () => {
  it('is a bar that is drawn over itself on a terminal, and ends before the next line', () => {
    const err = Object.assign(new Screen(), { isTTY: true });
    const out = new Screen();
    const output = createOutput({ out, err }, handClock());
    output.progress(half);
    output.progress({ ...half, done: 100 });
    output.line('done');
    expect(err.text).toBe(`\r${bar(half)}\u001b[K\r${bar({ ...half, done: 100 })}\u001b[K\n`);
    expect(out.text).toBe('done\n');
  });

  it('is a plain line every five seconds elsewhere', async () => {
    const err = new Screen();
    const clock = handClock();
    const output = createOutput({ out: new Screen(), err }, clock);
    output.progress(half);
    await clock.advance(5000);
    output.progress(half);
    output.progress(half);
    expect(err.text).toBe('50 of 100 files, 50% 10/s\n');
  });

  it.each([
    [{ done: 0, total: 100, perSecond: 0 }, '[                              ] 0/100 files, 0% 0/s'],
    [half, '[===============               ] 50/100 files, 50% 10/s, 5 s left'],
    [{ done: 100, total: 100, perSecond: 10 }, '[==============================] 100/100 files, 100% 10/s'],
    [{ done: 0, total: 0, perSecond: 0 }, '[==============================] 0/0 files, starting'],
  ])('%j is %s', (progress, drawn) => {
    expect(bar(progress)).toBe(drawn);
  });

  it('never steers the terminal', () => {
    expect(printable('a\u001b[31m\u0007\u009b\u202e\u2028\tb\n')).toBe('a\\u001b[31m\\u0007\\u009b\\u202e\\u2028\tb\n');
  });

  it('keeps a path that holds a line end on its line', () => {
    expect(oneLine('a\nkibana: done')).toBe('a\\u000akibana: done');
  });

  it('aligns columns', () => {
    const rows = table(
      ['A', 'LONGER'],
      [
        ['long cell', 'x'],
        ['y', ''],
      ],
    );
    expect(rows).toEqual(['A          LONGER', 'long cell  x', 'y']);
  });
});

describe('the connection', () => {
  const flags = { settingsIndex: 's' };
  const clock = handClock();

  it('comes from flags, then from the environment', async () => {
    const env = {
      SEARCH_ENDPOINT: 'http://env:9200',
      SEARCH_USERNAME: 'env',
      SEARCH_PASSWORD: 'pw',
    };
    expect(await engineOptions(flags, env, clock)).toMatchObject({
      endpoints: ['http://env:9200'],
      username: 'env',
      password: 'pw',
    });
    expect(
      await engineOptions({ ...flags, endpoint: 'https://a:1,https://b:2', username: 'flag' }, env, clock),
    ).toMatchObject({
      endpoints: ['https://a:1', 'https://b:2'],
      username: 'flag',
    });
  });

  it.each<[string, string]>([
    ['none', ''],
    ['no URL', 'localhost:9200'],
    ['credentials in it', 'https://u:canary@h:9200'],
  ])('is refused with %s, and what was given is not repeated', async (_, endpoint) => {
    const error: unknown = await engineOptions({ ...flags, endpoint }, {}, clock).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'UsageError' });
    expect(String(error)).not.toContain('canary');
  });

  it('has no byte order mark and no line ends of an editor in what comes out of a Secret', async () => {
    const env = {
      SEARCH_ENDPOINT: 'http://env:9200',
      SEARCH_USERNAME: '\uFEFFenv\n',
      SEARCH_PASSWORD: '\uFEFFpw\r\n',
      REINDEER_GIT_TOKEN: '\uFEFFt\n',
    };
    expect(await engineOptions(flags, env, clock)).toMatchObject({ username: 'env', password: 'pw' });
    expect(await gitCredentials(flags, env)).toEqual({ token: 't' });
  });

  it('takes an API key in the place of a user, and not beside one', async () => {
    const env = { SEARCH_ENDPOINT: 'https://env:9200', SEARCH_API_KEY: 'aWQ6a2V5\n' };
    const options = await engineOptions(flags, env, clock);
    expect(options).toMatchObject({ apiKey: 'aWQ6a2V5' });
    expect(options).not.toHaveProperty('username');
    await expect(engineOptions({ ...flags, username: 'ann' }, env, clock)).rejects.toThrow('give one of them');
  });

  it('takes credentials for Git from the environment alone', async () => {
    const env = { REINDEER_GIT_USERNAME: 'u', REINDEER_GIT_PASSWORD: 'p', REINDEER_GIT_TOKEN: 't' };
    expect(await gitCredentials(flags, env)).toEqual({ username: 'u', password: 'p', token: 't' });
    expect(await gitCredentials(flags, {})).toEqual({});
    await expect(gitCredentials({ ...flags, gitCa: '/nowhere' }, {})).rejects.toThrow('/nowhere cannot be read');
  });
});
