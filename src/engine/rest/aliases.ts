import { z } from 'zod';
import type { AliasMember } from '../../domain/alias-member.ts';
import { ownValue } from '../../domain/own-value.ts';
import { engineErrorOf, errorOfStatus, LostReplyError } from '../errors.ts';
import type { AliasAction, Aliases, NameSeen } from '../port.ts';
import type { Http } from '../transport.ts';
import { indexPath } from './index-path.ts';
import { ackTimeout, aliasesOfIndex } from './indices.ts';
import { parsed } from './reply.ts';

/** Aliases over the REST shapes that both engines share. */
export function restAliases(http: Http): Aliases {
  return {
    members: alias => members(http, alias),
    kindOf: name => kindOf(http, name),
    seen: names => seen(http, names),
    update: actions => update(http, actions),
  };
}

/**
 * Asked by the name alone. `GET /_alias/{alias}` looks at every index of the cluster, and answers 404, as if there were no
 * such alias, when any of them is deleted meanwhile.
 */
async function members(http: Http, alias: string): Promise<readonly AliasMember[]> {
  const [found] = await seen(http, [alias]);
  return found?.members ?? [];
}

function membersIn(indices: z.output<typeof aliasesOfIndex>, alias: string): readonly AliasMember[] {
  return Object.entries(indices)
    .flatMap(([index, { aliases }]) => {
      const properties = ownValue(aliases, alias);
      return properties === undefined ? [] : [{ index, properties }];
    })
    .sort((one, other) => (one.index < other.index ? -1 : 1));
}

/**
 * The API that lists aliases by index takes names of indices and of aliases alike, and answers with the indices behind
 * them. Names that do not fit into one request line are looked for among everything that the cluster has: that is one
 * request too, and an answer of some hundred bytes for each index of the cluster.
 */
async function seen(http: Http, names: readonly string[]): Promise<readonly NameSeen[]> {
  if (names.length === 0) return [];
  const [expression = '', ...others] = joined(names.map(name => indexPath(name).slice(1)));
  const path = others.length === 0 ? `/${expression}/_alias` : '/_alias';
  const query = { expand_wildcards: 'all', ignore_unavailable: true, allow_no_indices: true };
  const reply = await http.send({ method: 'GET', path, query, idempotent: true });
  const indices = parsed(aliasesOfIndex, reply, 'alias');
  return names.map(name => {
    if (Object.hasOwn(indices, name)) return { is: 'index', members: [] };
    const members = membersIn(indices, name);
    return { is: members.length > 0 ? 'alias' : 'none', members };
  });
}

const named = z.array(z.object({ name: z.string() }));
const resolveReply = z.object({ indices: named, aliases: named, data_streams: named.default([]) });

/** A data stream takes the name like an index does. Where nothing has it, one engine says 404 and the other lists nothing. */
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
  const { indices, aliases, data_streams: streams } = parsed(resolveReply, reply, 'resolve');
  if (aliases.length > 0) return 'alias';
  return indices.length + streams.length > 0 ? 'index' : 'none';
}

/** Engines refuse request lines above 4 KiB. */
const maxNamesLength = 3000;

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
