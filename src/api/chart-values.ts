/** One value of the chart as values.yaml documents it: the comment above it, and its default as it is written there. */
export type ChartValue = {
  readonly path: readonly string[];
  readonly text: string;
  /** Undefined for a group, whose values follow. */
  readonly fallback: string | undefined;
};

type Line = { readonly path: readonly string[]; readonly text: string; readonly inline: string };
type Tree = { readonly [key: string]: unknown };

/**
 * Reads values.yaml, which is written for this: two spaces a level, lists and the empty map on the line of their key. Comments
 * directly above a key are its text; a map without any comment inside is one value.
 */
export function chartValues(yaml: string): readonly ChartValue[] {
  const lines = commentedKeys(yaml);
  const isGroup = ({ path, inline }: Line): boolean =>
    inline === '' && below(lines, path).some(({ text }) => text !== '');
  const wholes = lines.filter(line => line.inline === '' && !isGroup(line));
  return lines
    .filter(line => !wholes.some(({ path }) => below([line], path).length > 0))
    .map(line => ({ path: line.path, text: line.text, fallback: isGroup(line) ? undefined : written(lines, line) }));
}

function commentedKeys(yaml: string): readonly Line[] {
  const found: Line[] = [];
  let comment: readonly string[] = [];
  let path: readonly string[] = [];
  for (const line of yaml.split('\n')) {
    const said = /^ *# ?(.*)$/.exec(line)?.[1];
    const [, indent = '', key, inline = ''] = /^( *)([A-Za-z]\w*): *(.*)$/.exec(line) ?? [];
    if (said !== undefined) comment = [...comment, said];
    else {
      if (key !== undefined) {
        path = [...path.slice(0, indent.length / 2), key];
        found.push({ path, text: comment.join(' '), inline });
      }
      comment = [];
    }
  }
  return found;
}

function below(lines: readonly Line[], path: readonly string[]): readonly Line[] {
  return lines.filter(line => line.path.length > path.length && path.every((key, depth) => line.path[depth] === key));
}

/** A value as one line of YAML. */
function written(lines: readonly Line[], { path, inline }: Line): string {
  if (inline !== '') return inline;
  const children = below(lines, path).filter(line => line.path.length === path.length + 1);
  return `{${children.map(child => `${child.path.at(-1)}: ${written(lines, child)}`).join(', ')}}`;
}

/** The table of the chart's README. */
export function valuesTable(values: readonly ChartValue[]): string {
  const rows = values.map(({ path, text, fallback }) => {
    const shown = fallback === undefined ? '' : `\`${fallback}\``;
    return `| \`${path.join('.')}\` | ${shown} | ${text} |`.replaceAll('|  |', '| |');
  });
  return ['| Value | Default | What it means |', '|---|---|---|', ...rows, ''].join('\n');
}

/** The schema of the values with the same words as their descriptions. */
export function describedSchema(schema: string, values: readonly ChartValue[]): string {
  const described = JSON.parse(schema) as Tree; // our own file
  for (const { path, text } of values) {
    const node = nodeAt(described, path);
    if (node !== undefined && text !== '') node['description'] = text;
  }
  return `${JSON.stringify(described, undefined, 2)}\n`;
}

/** The schema of one value; undefined below a `$ref`, which describes many. */
function nodeAt(schema: Tree, path: readonly string[]): Record<string, unknown> | undefined {
  let node: Record<string, unknown> | undefined = schema;
  for (const key of path) node = (node?.['properties'] as Record<string, Record<string, unknown>> | undefined)?.[key];
  return node;
}
