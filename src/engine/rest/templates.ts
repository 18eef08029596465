import { z } from 'zod';
import type { JsonObject } from '../../domain/json.ts';
import { matchesPattern } from '../../domain/name-pattern.ts';
import type { IndexTemplate } from '../port.ts';
import type { Http } from '../transport.ts';
import { parsed } from './reply.ts';

const jsonObject = z.record(z.string(), z.unknown());
const content = z.object({
  settings: jsonObject.optional(),
  mappings: jsonObject.optional(),
  aliases: jsonObject.optional(),
});
const patterns = z.union([z.string(), z.array(z.string())]).transform(some => [some].flat());

const composableReply = z.object({
  index_templates: z.array(
    z.object({
      name: z.string(),
      index_template: z.object({
        index_patterns: patterns,
        priority: z.number().default(0),
        composed_of: z.array(z.string()).default([]),
        data_stream: jsonObject.optional(),
        template: content.optional(),
      }),
    }),
  ),
});
const componentReply = z.object({
  component_templates: z.array(z.object({ component_template: z.object({ template: content }) })),
});
const legacyReply = z.record(z.string(), content.extend({ index_patterns: patterns, order: z.number().default(0) }));

type Content = z.output<typeof content>;

/** Asks for all of them: which one applies is decided by priority, and no engine tells that without a privilege to change them. */
export async function templatesFor(http: Http, index: string): Promise<readonly IndexTemplate[] | undefined> {
  const [composable, legacy] = await Promise.all([read(http, '/_index_template'), read(http, '/_template')]);
  if (composable.status === 403 || legacy.status === 403) return undefined;
  const [first] = parsed(composableReply, composable, 'index templates')
    .index_templates.filter(({ index_template: each }) => matchesPattern(index, each.index_patterns.join()))
    .sort((one, other) => other.index_template.priority - one.index_template.priority);
  if (first) {
    const { composed_of: components, template, data_stream: stream } = first.index_template;
    const parts = await Promise.all(components.map(async name => componentNamed(http, name)));
    const kind = { kind: 'composable', forDataStreams: stream !== undefined } as const;
    return [{ name: first.name, ...kind, ...together([...parts.flat(), template ?? {}]) }];
  }
  return Object.entries(parsed(legacyReply, legacy, 'legacy index templates'))
    .filter(([, each]) => matchesPattern(index, each.index_patterns.join()))
    .sort(([, one], [, other]) => one.order - other.order)
    .map(([name, each]) => ({ name, kind: 'legacy', forDataStreams: false, ...together([each]) }));
}

async function read(http: Http, path: string) {
  return http.send({ method: 'GET', path, idempotent: true, expect: [403, 404] });
}

/** One that is named and not there brings nothing. */
async function componentNamed(http: Http, name: string): Promise<readonly Content[]> {
  const reply = await read(http, `/_component_template/${encodeURIComponent(name)}`);
  if (reply.status >= 400) return [];
  return parsed(componentReply, reply, 'component template').component_templates.map(
    each => each.component_template.template,
  );
}

/** Top keys alone: what is asked is what they name, not what would stand in the end. */
function together(parts: readonly Content[]): Pick<IndexTemplate, 'settings' | 'mappings' | 'aliases'> {
  return {
    settings: Object.assign({}, ...parts.map(({ settings }) => flat(settings ?? {}, ''))) as JsonObject,
    mappings: Object.assign({}, ...parts.map(({ mappings }) => mappings ?? {})) as JsonObject,
    aliases: [...new Set(parts.flatMap(({ aliases }) => Object.keys(aliases ?? {})))],
  };
}

/** `{index: {codec: x}}` and `{codec: x}` are one and the same to an engine. */
function flat(settings: JsonObject, prefix: string): JsonObject {
  const entries = Object.entries(settings).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    const inner = jsonObject.safeParse(value);
    if (inner.success) return Object.entries(flat(inner.data, `${name}.`));
    return [[name.startsWith('index.') ? name : `index.${name}`, value] as const];
  });
  return Object.fromEntries(entries);
}
