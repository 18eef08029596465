import { describe, expect, it } from '@jest/globals';
import { createRedactor } from '../../../src/runtime/redact.ts';
import { recordingLog } from '../../support/fakes/recording-log.ts';

describe('redactor', () => {
  it.each([
    {
      says: 'a bearer token',
      text: 'authorization: Bearer eyJhbGciOi.J9_x-y',
      left: 'authorization: Bearer [redacted]',
    },
    { says: 'basic credentials', text: 'Basic dXNlcjpwYXNz rest', left: 'Basic [redacted] rest' },
    { says: 'an API key', text: 'ApiKey VnVhQ2ZH==', left: 'ApiKey [redacted]' },
    {
      says: 'a password in a URL',
      text: 'https://u:p%40ss@git.example.org/a.git',
      left: 'https://[redacted]@git.example.org/a.git',
    },
    { says: 'a token as a user name', text: 'see HTTPS://ghp_abc@host/x', left: 'see HTTPS://[redacted]@host/x' },
    {
      says: 'nothing of an ordinary URL',
      text: 'https://git.example.org/a@b.git',
      left: 'https://git.example.org/a@b.git',
    },
    {
      says: 'nothing of ordinary text',
      text: 'Basic Authentication failed, the bearer of news',
      left: 'Basic Authentication failed, the bearer of news',
    },
  ])('hides $says', ({ text, left }) => {
    expect(createRedactor().redact(text)).toBe(left);
  });

  it('hides registered values wherever they occur, also inside JSON and URLs', () => {
    const redactor = createRedactor();
    redactor.hide('p"a\nss$1');
    redactor.hide('p"a');
    const plain = 'x p"a\nss$1 y';
    expect(redactor.redact(plain)).toBe('x [redacted] y');
    expect(redactor.redact(JSON.stringify(plain))).toBe('"x [redacted] y"');
    expect(redactor.redact(`q=${encodeURIComponent('p"a\nss$1')}`)).toBe('q=[redacted]');
  });

  it('ignores values too short to be secrets', () => {
    const redactor = createRedactor();
    redactor.hide('a');
    redactor.hide('');
    expect(redactor.redact('a banana')).toBe('a banana');
  });
});

describe('logger', () => {
  it('writes JSON lines without a secret in message, field, nested field, error or header', () => {
    const redactor = createRedactor();
    redactor.hide('s3cr3t-canary');
    const { log, lines } = recordingLog(redactor);
    const child = log.child({ kind: 'IndexedRepo', url: 'https://me:s3cr3t-canary@host/x' });
    child.info({ deep: { er: ['s3cr3t-canary'] }, headers: { authorization: 's3cr3t-other' } }, 'saw s3cr3t-canary');
    child.error({ err: new Error('fatal: https://u:other-pass@host failed with s3cr3t-canary') }, 'failed');
    const text = JSON.stringify(lines);
    expect(text).not.toMatch(/s3cr3t|other-pass/);
    expect(lines.map(line => line.level)).toEqual(['info', 'error']);
    expect(lines[1]?.['err']).toMatchObject({ type: 'Error', stack: expect.stringContaining('redact.test.ts') });
  });
});
