import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';

/** PEM files of one certificate. */
export type Identity = { readonly cert: string; readonly key: string };

const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const VALID_DAYS = '3650';

/** The bed's private authority, made anew for every bed: nothing outside of the bed trusts it. */
export type Authority = {
  readonly caFile: string;
  /** A certificate that servers show at the addresses and names (`IP:10.0.0.1`, `DNS:localhost`). */
  server(name: string, subjectAltNames: readonly string[]): Promise<Identity>;
  /** A certificate that the API server takes as this user in this group. */
  client(name: string, user: string, group?: string): Promise<Identity>;
  /** Private key that service account tokens are signed with. */
  readonly serviceAccountKey: string;
};

/** Makes the authority in a folder that only its owner can read. */
export async function createAuthority(folder: string): Promise<Authority> {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const caFile = join(folder, 'ca.crt');
  const caKey = join(folder, 'ca.key');
  const serviceAccountKey = join(folder, 'service-account.key');
  await run(
    ['openssl', 'req', '-x509', ...EC_KEY, '-keyout', caKey, '-out', caFile, '-days', VALID_DAYS]
      .concat(['-subj', '/CN=Reindeer test bed'])
      .concat(['-addext', 'keyUsage=critical,keyCertSign,cRLSign']),
  );
  await run(['openssl', 'genrsa', '-out', serviceAccountKey, '2048']);
  const sign = async (name: string, subject: string, extensions: readonly string[]): Promise<Identity> => {
    const at = (ending: string): string => join(folder, `${name}.${ending}`);
    writeFileSync(at('ext'), [...extensions, 'basicConstraints=CA:FALSE', ''].join('\n'));
    await run(['openssl', 'req', ...EC_KEY, '-keyout', at('key'), '-out', at('csr'), '-subj', subject]);
    await run(
      ['openssl', 'x509', '-req', '-in', at('csr'), '-CA', caFile, '-CAkey', caKey, '-CAcreateserial'].concat([
        '-CAserial',
        at('srl'),
        '-days',
        VALID_DAYS,
        '-out',
        at('crt'),
        '-extfile',
        at('ext'),
      ]),
    );
    return { cert: at('crt'), key: at('key') };
  };
  return {
    caFile,
    serviceAccountKey,
    server: async (name, subjectAltNames) =>
      sign(name, `/CN=${name}`, [
        `subjectAltName=${subjectAltNames.join(',')}`,
        'extendedKeyUsage=serverAuth,clientAuth',
      ]),
    client: async (name, user, group) =>
      sign(name, group === undefined ? `/CN=${user}` : `/O=${group}/CN=${user}`, ['extendedKeyUsage=clientAuth']),
  };
}

/** Writes a kubeconfig that holds everything it needs, so that it can be copied anywhere. */
export function writeKubeconfig(
  file: string,
  access: { readonly server: string; readonly caFile: string; readonly identity: Identity },
): void {
  const base64 = (path: string): string => readFileSync(path).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bed',
    contexts: [{ name: 'bed', context: { cluster: 'bed', user: 'bed' } }],
    clusters: [
      { name: 'bed', cluster: { server: access.server, 'certificate-authority-data': base64(access.caFile) } },
    ],
    users: [
      {
        name: 'bed',
        user: {
          'client-certificate-data': base64(access.identity.cert),
          'client-key-data': base64(access.identity.key),
        },
      },
    ],
  };
  // JSON is YAML, and every reader of kubeconfig files takes it.
  writeFileSync(file, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
}
