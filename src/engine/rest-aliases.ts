import { z } from 'zod';
import { managedBy } from '../api/meta.ts';
import { engineErrorOf, errorOfStatus, LostReplyError } from './errors.ts';
import { indexPath } from './index-path.ts';
import type { AliasAction, Aliases, AliasMember, IndexDescription, Indices } from './port.ts';
import { parsed } from './reply.ts';
import { ackTimeout, aliasesOfIndex } from './rest-indices.ts';
import type { Http } from './transport.ts';

/** Aliases over the REST shapes that both engines share. */
export function restAliases(http: Http, indices: Indices): Aliases {
  return {
    members: alias => members(http, alias),
    kindOf: name => kindOf(http, name),
    ours: () => ours(http, indices),
    update: actions => update(http, actions),
  };
}

async function members(http: Http, alias: string): Promise<readonly AliasMember[]> {
  const path = `/_alias${indexPath(alias)}`;
  const query = { expand_wildcards: 'all' };
  const reply = await http.send({ method: 'GET', path, query, idempotent: true, expect: [404] });
  if (reply.status === 404) return [];
  return Object.entries(parsed(aliasesOfIndex, reply, 'alias'))
    .flatMap(([index, { aliases }]) => (aliases[alias] === undefined ? [] : [{ index, properties: aliases[alias] }]))
    .map(member => member as AliasMember)
    .sort((one, other) => (one.index < other.index ? -1 : 1));
}

const resolveReply = z.object({ aliases: z.array(z.object({ name: z.string() })) });

/** A data stream takes the name like an index does. */
async function kindOf(http: Http, name: string): Promise<'alias' | 'index' | 'none'> {
  const path = `/_resolve/index${indexPath(name)}`;
  const reply = await http.send({
    method: 'GET',
    path,
    query: { expand_wildcards: 'all' },
    idempotent: true,
    expect: [404],
  });
  if (reply.status === 404) return 'none';
  return parsed(resolveReply, reply, 'resolve').aliases.length > 0 ? 'alias' : 'index';
}

const metaReply = z.record(z.string(), z.unknown());
/** Engines refuse request lines above 4 KiB. */
const maxNamesLength = 3000;

/** Finds the names by the small part of the mappings first: a cluster may hold thousands of indices that are not ours. */
async function ours(http: Http, indices: Indices): Promise<Readonly<Record<string, readonly IndexDescription[]>>> {
  const query = { expand_wildcards: 'all', filter_path: '*.mappings._meta.managedBy' };
  const reply = await http.send({ method: 'GET', path: '/*', query, idempotent: true });
  const names = Object.keys(parsed(metaReply, reply, 'mappings')).sort();
  const found: Record<string, readonly IndexDescription[]> = {};
  for (const expression of joined(names)) {
    for (const index of await indices.describe(expression)) {
      const { managedBy: manager, alias } = index.meta;
      if (manager !== managedBy || typeof alias !== 'string' || index.aliases[alias] === undefined) continue;
      found[alias] = [...(found[alias] ?? []), index];
    }
  }
  return found;
}

function joined(names: readonly string[]): readonly string[] {
  const expressions: string[] = [];
  for (const name of names) {
    const last = expressions.at(-1);
    if (last === undefined || last.length + name.length > maxNamesLength) expressions.push(name);
    else expressions[expressions.length - 1] = `${last},${name}`;
  }
  return expressions;
}

const acknowledged = z.object({ acknowledged: z.boolean() });

async function update(http: Http, actions: readonly AliasAction[]): Promise<'applied' | 'refused' | 'unconfirmed'> {
  try {
    const json = { actions };
    const request = {
      method: 'POST',
      path: '/_aliases',
      query: ackTimeout,
      json,
      idempotent: false,
      expect: [404],
    } as const;
    const reply = await http.send(request);
    if (reply.status !== 404) return parsed(acknowledged, reply, '_aliases').acknowledged ? 'applied' : 'unconfirmed';
    if (missing.has(engineErrorOf(reply.body).type)) return 'refused';
    throw errorOfStatus(reply.status, reply.body, '_aliases');
  } catch (error) {
    if (error instanceof LostReplyError) return 'unconfirmed';
    throw error;
  }
}

const missing: ReadonlySet<string> = new Set(['aliases_not_found_exception', 'index_not_found_exception']);
