import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Resource } from '../../../src/api/object.ts';
import { Secrets, type SecretValues, type WantedKeys } from '../../../src/kube/secrets.ts';
import { FakeKube } from '../../support/fakes/fake-kube.ts';

const resource: Resource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' };
const key = { namespace: 'team', name: 'engine' };
const user = Buffer.from('elastic');
const both: WantedKeys = { needed: ['username', 'password'] };

describe('a Secret that an object names', () => {
  let kube: FakeKube;
  let learnt: string[];
  beforeEach(() => {
    kube = new FakeKube();
    learnt = [];
  });

  async function read(values: Readonly<Record<string, Buffer>>, wanted = both): Promise<SecretValues> {
    const data = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.toString('base64')]));
    await kube.create(resource, { apiVersion: 'v1', kind: 'Secret', metadata: key, data });
    return new Secrets(kube, value => learnt.push(value)).read(key, wanted);
  }

  it.each([
    ['as it stands', 'canary'],
    ['with the line end that echo leaves', 'canary\n'],
    ['with the line ends that an editor on Windows leaves', 'canary\r\n\r\n'],
    ['with the byte order mark that it puts before them', '\uFEFFcanary\r\n'],
  ])('gives its values, and tells the redactor those that are secret: %s', async (_row, password) => {
    const { values } = await read({ username: user, password: Buffer.from(password) });
    expect(values).toEqual({ username: 'elastic', password: 'canary' });
    expect(learnt).toEqual(['canary']);
  });

  it('lacks a key that is named like what every object has', async () => {
    const wanted = read({ username: user }, { needed: ['constructor'] });
    await expect(wanted).rejects.toMatchObject({ reason: 'SecretNotFound' });
  });

  it.each<readonly [string, Readonly<Record<string, Buffer>>, string, string]>([
    ['lacks a key', { username: user, passwd: Buffer.from('canary') }, 'SecretNotFound', 'lacks password; it has'],
    ['has nothing in it', {}, 'SecretNotFound', 'it has no keys'],
    ['has an empty value', { username: user, password: Buffer.from('') }, 'InvalidSecret', 'password is empty'],
    [
      'has a value of a byte order mark',
      { username: user, password: Buffer.from('\uFEFF') },
      'InvalidSecret',
      'is empty',
    ],
    ['has a value of line ends', { username: user, password: Buffer.from('\n\n') }, 'InvalidSecret', 'is empty'],
    ['has a value of 1 MB', { username: user, password: Buffer.alloc(1e6, 'canary') }, 'InvalidSecret', 'larger'],
    [
      'has a value that is no text',
      { username: user, password: Buffer.from([0xff, 0xfe, 0x63, 0x61]) },
      'InvalidSecret',
      'no text in UTF-8',
    ],
  ])('that %s is refused by name, and never with a value', async (_row, values, reason, message) => {
    const error: unknown = await read(values).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'TerminalError', reason, message: expect.stringContaining(message) });
    expect(String(error)).not.toContain('canary');
  });

  it('that is not there is SecretNotFound', async () => {
    const missing = new Secrets(kube, () => undefined).read(key, both);
    await expect(missing).rejects.toMatchObject({ reason: 'SecretNotFound' });
  });

  it('may hold anything under keys that nobody asked for', async () => {
    const others = {
      'keystore.jks': Buffer.from([0xfe, 0xed]),
      notes: Buffer.alloc(400_000, 'x'),
      empty: Buffer.from(''),
    };
    const found = await read({ token: Buffer.from('t0ken'), ...others }, { needed: [], optional: ['token', 'ca.crt'] });
    expect(found).toEqual({ keys: ['token', 'keystore.jks', 'notes', 'empty'], values: { token: 't0ken' } });
    expect(learnt).toEqual(['t0ken']);
  });
});
