import { apiVersion } from '../../api/meta.ts';
import type { KubeObject, Resource } from '../../api/object.ts';
import type { Answer } from '../../asking/control.ts';
import type { Format, PeopleContext } from './context.ts';

/** Says of each object what became of it, as kubectl does, or prints the objects. */
export async function printAnswers(context: PeopleContext, answers: readonly Answer[]): Promise<void> {
  const { format, output, isDryRun } = context;
  if (format !== undefined) {
    await printObjects(context, format, answers);
    return;
  }
  for (const { resource, object, did, isNew, remark } of answers) {
    const mark = isDryRun ? ' (server dry run)' : '';
    output.line(`${nameOf(resource, object)} ${did}${isNew ? '' : ' (no change)'}${mark}`);
    if (isNew && !isDryRun && remark !== undefined) output.note(remark);
  }
}

type Printed = { readonly resource: Resource; readonly object: KubeObject };

/** Objects as kubectl prints them; several are a List. */
export async function printObjects(
  { output }: Pick<PeopleContext, 'output'>,
  format: Format,
  printed: readonly Printed[],
): Promise<void> {
  if (format === 'name') {
    for (const { resource, object } of printed) output.line(nameOf(resource, object));
    return;
  }
  const objects = printed.map(wholeObject);
  const one = objects.length === 1 ? objects[0] : { apiVersion: 'v1', kind: 'List', items: objects };
  for (const line of (await textOf(one, format)).trimEnd().split('\n')) output.line(line);
}

async function textOf(value: unknown, format: 'json' | 'yaml'): Promise<string> {
  if (format === 'json') return JSON.stringify(value, undefined, 4);
  const { dump } = await import('js-yaml');
  return dump(value, { noRefs: true });
}

/** Without what only the API server reads. */
function wholeObject({ resource, object }: Printed): object {
  const metadata: object = { ...object.metadata, managedFields: undefined };
  return plain({ apiVersion, kind: resource.kind, ...object, metadata });
}

/** Fields that are absent are not there: YAML has no word for them. */
function plain(value: object): object {
  return JSON.parse(JSON.stringify(value)) as object;
}

function nameOf({ kind, group }: Resource, { metadata }: KubeObject): string {
  return `${kind.toLowerCase()}.${group}/${metadata.name}`;
}
