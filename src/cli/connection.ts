import type { GitCredentials } from '../domain/git-credentials.ts';
import { withEngineVariables } from '../domain/engine-variables.ts';
import { secretText } from '../domain/secret-text.ts';
import type { ConnectOptions } from '../engine/transport.ts';
import type { Clock } from '../runtime/clock.ts';
import { readSecretFile } from '../runtime/secret-file.ts';
import { UsageError } from './usage-error.ts';

/** The flags that every verb has. */
export type Connection = {
  readonly endpoint?: string;
  readonly username?: string;
  readonly ca?: string;
  readonly settingsIndex: string;
  readonly gitCa?: string;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** How to reach the engine: a flag wins over its variable. Throws UsageError when nothing names one. */
export async function engineOptions(flags: Connection, given: Environment, clock: Clock): Promise<ConnectOptions> {
  const env = withEngineVariables(given);
  const endpoint = flags.endpoint ?? env['SEARCH_ENDPOINT'] ?? '';
  const endpoints = endpoint.split(',').filter(text => text !== '');
  requireEndpoints(endpoints);
  const username = flags.username ?? secretVariable(env, 'SEARCH_USERNAME');
  const caFile = flags.ca ?? env['SEARCH_CA_CERT'] ?? '';
  const apiKey = secretVariable(env, 'SEARCH_API_KEY');
  if (username !== '' && apiKey !== '')
    throw new UsageError('SEARCH_API_KEY and a user name say who you are: give one of them');
  return {
    endpoints,
    clock,
    ...(apiKey !== '' && { apiKey }),
    ...(username !== '' && { username, password: secretVariable(env, 'SEARCH_PASSWORD') }),
    ...(caFile !== '' && { caPem: await readPem(caFile) }),
  };
}

function requireEndpoints(endpoints: readonly string[]): void {
  if (endpoints.length === 0) {
    throw new UsageError(
      'no search engine is named: set SEARCH_ENDPOINT or give --endpoint, such as http://localhost:9200',
    );
  }
  // Not repeated in the message: it may hold a password.
  if (endpoints.every(endpoint => /^https?:\/\/[^@/?#\s]+(\/[^@?#\s]*)?$/.test(endpoint))) return;
  throw new UsageError(
    'the endpoint must be http(s)://HOST[:PORT], with the credentials in SEARCH_USERNAME and _PASSWORD',
  );
}

/** Credentials for Git out of REINDEER_GIT_* and --git-ca: never out of arguments, which everybody on the machine sees. */
export async function gitCredentials(flags: Connection, env: Environment): Promise<GitCredentials> {
  const username = secretVariable(env, 'REINDEER_GIT_USERNAME');
  const password = secretVariable(env, 'REINDEER_GIT_PASSWORD');
  const token = secretVariable(env, 'REINDEER_GIT_TOKEN');
  return {
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    ...(token !== '' && { token }),
    ...(flags.gitCa !== undefined && { ca: await readPem(flags.gitCa) }),
  };
}

/** In a pod it comes out of a Secret as it stands there. */
function secretVariable(env: Environment, name: string): string {
  return secretText(env[name] ?? '');
}

async function readPem(path: string): Promise<string> {
  try {
    return await readSecretFile(path);
  } catch (error) {
    throw new UsageError(`the CA file ${path} cannot be read`, { cause: error });
  }
}
