import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bed } from './bed.ts';
import { run } from './command.ts';
import { configureNodes, copyDistribution } from './engine-nodes.ts';
import type { EngineMake, NodeParts } from './engine-nodes.ts';
import type { ProcessSpec } from './processes.ts';
import { javaHome } from './tools.ts';

/** Built in; its password is the one that the engine was configured with. */
export const engineUser = 'elastic';

/** What of a bed the configuration of Elasticsearch is made from. */
type EngineParts = NodeParts &
  Pick<Bed, 'authority' | 'server'> & { readonly components: Readonly<Record<'elasticsearch', string>> };

/** Writes the configuration of every node and answers how each is started. */
export async function configureElasticsearch(bed: EngineParts, password: string): Promise<readonly ProcessSpec[]> {
  const distribution = copyDistribution(bed.home, 'elasticsearch', bed.components.elasticsearch);
  await createKeystore(distribution, password);
  return configureNodes(bed, distribution, makeOf(bed));
}

/** In the distribution's own configuration, of which every node gets a copy. */
async function createKeystore(distribution: string, password: string): Promise<void> {
  const env = { ES_JAVA_HOME: javaHome(), ES_PATH_CONF: join(distribution, 'config') };
  const keystore = join(distribution, 'bin', 'elasticsearch-keystore');
  await run([keystore, 'create'], { env });
  await run([keystore, 'add', '-x', 'bootstrap.password'], { env, input: password });
}

function makeOf({ server, authority }: EngineParts): EngineMake {
  return {
    name: 'elasticsearch',
    prefix: 'ES',
    javaHome: javaHome(),
    configure: config => {
      mkdirSync(join(config, 'tls'));
      cpSync(server.cert, join(config, 'tls', 'node.crt'));
      cpSync(server.key, join(config, 'tls', 'node.key'));
      cpSync(authority.caFile, join(config, 'tls', 'ca.crt'));
    },
    settings: nodes => ({
      'xpack.security.enabled': true,
      'xpack.security.http.ssl.enabled': true,
      'xpack.security.http.ssl.certificate': 'tls/node.crt',
      'xpack.security.http.ssl.key': 'tls/node.key',
      // Java's first compiler knows nothing of the processor's own AES: a seventh of all the engine did was AES in Java.
      'xpack.security.http.ssl.supported_protocols': ['TLSv1.3'],
      'xpack.security.http.ssl.cipher_suites': ['TLS_CHACHA20_POLY1305_SHA256'],
      'xpack.security.transport.ssl.enabled': nodes.length > 1,
      ...(nodes.length > 1 && amongEachOther(nodes)),
    }),
  };
}

function amongEachOther(nodes: readonly string[]): Readonly<Record<string, unknown>> {
  return {
    'cluster.initial_master_nodes': nodes,
    'xpack.security.transport.ssl.verification_mode': 'certificate',
    'xpack.security.transport.ssl.certificate': 'tls/node.crt',
    'xpack.security.transport.ssl.key': 'tls/node.key',
    'xpack.security.transport.ssl.certificate_authorities': ['tls/ca.crt'],
  };
}
