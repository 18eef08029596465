import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inClusterAccess } from '../../../src/kube/in-cluster.ts';
import { kubeconfigAccess, loadKubeConfig } from '../../../src/kube/kubeconfig.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reindeer-access-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('access from inside a pod', () => {
  const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' };
  const mount = (token: string): void => {
    writeFileSync(join(folder, 'token'), token);
    writeFileSync(join(folder, 'ca.crt'), 'PEM');
  };

  it('reads token and CA anew each time, because the kubelet replaces them', async () => {
    mount('first\n');
    const access = inClusterAccess(env, folder);
    expect(access?.server).toBe('https://10.0.0.1:6443');
    expect(await access?.credential()).toEqual({
      headers: { authorization: 'Bearer first' },
      tls: { ca: Buffer.from('PEM') },
    });
    mount('second');
    expect((await access?.credential())?.headers).toEqual({ authorization: 'Bearer second' });
  });

  it('writes an IPv6 address into the URL as one', () => {
    mount('t');
    expect(inClusterAccess({ KUBERNETES_SERVICE_HOST: 'fd00::1' }, folder)?.server).toBe('https://[fd00::1]:443');
  });

  it.each([
    { says: 'the environment names no API server', given: {}, token: true },
    { says: 'no service account is mounted', given: env, token: false },
  ])('is none when $says', ({ given, token }) => {
    if (token) mount('t');
    expect(inClusterAccess(given, folder)).toBeUndefined();
  });
});

describe('a kubeconfig', () => {
  const written = (text: string): string => {
    const file = join(folder, 'config');
    writeFileSync(file, text);
    return file;
  };
  const two = `clusters: [{name: c, cluster: {server: "https://api:6443"}}]
users: [{name: u, user: {token: secret}}]
contexts: [{name: a, context: {cluster: c, user: u}}, {name: b, context: {cluster: c, user: u, namespace: shop}}]
current-context: a
`;

  it('says with its context which namespace is meant', async () => {
    const file = written(two);
    expect((await loadKubeConfig(file)).namespace).toBeUndefined();
    expect(await loadKubeConfig(file, 'b')).toMatchObject({ server: 'https://api:6443', namespace: 'shop' });
    await expect(loadKubeConfig(file, 'd')).rejects.toThrow('The kubeconfig has no context "d": it has a, b.');
  });

  it.each([
    ['is not there', () => join(folder, 'none'), /none cannot be read: ENOENT/],
    ['is no YAML', () => written(`${two}x: [secret`), /config cannot be read: /],
  ])('that %s is told by name, with nothing of its text', async (_, file, why) => {
    const told = await loadKubeConfig(file()).catch((error: unknown) => String(error));
    expect(told).toMatch(why);
    expect(told).not.toContain('secret');
  });
});

describe('access by a kubeconfig', () => {
  const aKubeConfig = (cluster: object, user: object = {}): KubeConfig => {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      { name: 'c', server: 'https://api:6443', skipTLSVerify: false, ...cluster },
      { name: 'u', ...user },
    );
    return kubeConfig;
  };

  it('takes CA, client certificate, server name and impersonation from it', async () => {
    const [caData, certData, keyData] = ['CA', 'CERT', 'KEY'].map(text => Buffer.from(text).toString('base64'));
    const user = { certData, keyData, impersonateUser: 'somebody' };
    const access = kubeconfigAccess(aKubeConfig({ caData, tlsServerName: 'kubernetes' }, user));
    expect(await access.credential()).toEqual({
      headers: { 'impersonate-user': 'somebody' },
      tls: { ca: Buffer.from('CA'), cert: Buffer.from('CERT'), key: Buffer.from('KEY'), servername: 'kubernetes' },
    });
  });

  it('takes user name and password from it', async () => {
    const access = kubeconfigAccess(aKubeConfig({}, { username: 'me', password: 'pass' }));
    expect((await access.credential()).headers).toEqual({ authorization: 'Basic bWU6cGFzcw==' });
  });

  it('sees a new token in the token file at once after it was told to forget', async () => {
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'old');
    const access = kubeconfigAccess(aKubeConfig({}, { authProvider: { name: 'tokenFile', config: { tokenFile } } }));
    expect((await access.credential()).headers).toEqual({ authorization: 'Bearer old' });
    writeFileSync(tokenFile, 'new');
    access.forget();
    expect((await access.credential()).headers).toEqual({ authorization: 'Bearer new' });
  });

  it('refuses a kubeconfig that needs a proxy, or has no current cluster', () => {
    expect(() => kubeconfigAccess(aKubeConfig({ proxyUrl: 'http://proxy:3128' }))).toThrow('proxy-url');
    expect(() => kubeconfigAccess(new KubeConfig())).toThrow('current-context');
  });
});
