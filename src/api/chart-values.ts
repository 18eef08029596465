import { load } from 'js-yaml';

/** One value of the chart as values.yaml documents it: the comment above it, and its default. */
export type ChartValue = {
  readonly path: readonly string[];
  readonly text: string;
  /** Undefined for a group, whose values follow. */
  readonly fallback: string | undefined;
};

type Line = { readonly path: readonly string[]; readonly text: string };
type Tree = { readonly [key: string]: unknown };

/** Reads values.yaml: comments directly above a key are its text; a map without any comment inside is one value. */
export function chartValues(yaml: string): readonly ChartValue[] {
  const lines = commentedKeys(yaml);
  const values = load(yaml) as Tree; // a map: Helm takes nothing else
  const isGroup = (path: readonly string[]): boolean =>
    isFilledMap(at(values, path)) && below(lines, path).some(line => line.text !== '');
  const isWhole = (path: readonly string[]): boolean => isFilledMap(at(values, path)) && !isGroup(path);
  const hidden = lines.filter(({ path }) => path.some((_, depth) => depth > 0 && isWhole(path.slice(0, depth))));
  return lines
    .filter(line => !hidden.includes(line))
    .map(({ path, text }) => ({
      path,
      text,
      fallback: isGroup(path) ? undefined : JSON.stringify(at(values, path)),
    }));
}

function commentedKeys(yaml: string): readonly Line[] {
  const found: Line[] = [];
  let comment: readonly string[] = [];
  let path: readonly string[] = [];
  for (const line of yaml.split('\n')) {
    const said = /^ *# ?(.*)$/.exec(line)?.[1];
    const [, indent = '', key] = /^( *)([A-Za-z]\w*):/.exec(line) ?? [];
    if (said !== undefined) comment = [...comment, said];
    else {
      if (key !== undefined) {
        path = [...path.slice(0, indent.length / 2), key];
        found.push({ path, text: comment.join(' ') });
      }
      comment = [];
    }
  }
  return found;
}

function below(lines: readonly Line[], path: readonly string[]): readonly Line[] {
  return lines.filter(line => line.path.length > path.length && path.every((key, depth) => line.path[depth] === key));
}

function at(values: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Tree)[key], values); // the path was read from the same text
}

function isFilledMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
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
  return path.reduce<Record<string, unknown> | undefined>(
    (node, key) => (node?.['properties'] as Record<string, Record<string, unknown>> | undefined)?.[key],
    schema as Record<string, unknown>,
  );
}
