import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

/** One import of one file of src by another, as paths below src. */
export type Arrow = { readonly from: string; readonly to: string; readonly kind: 'value' | 'type' };

/** The rooms of src by floors, from below: an arrow, of a type as well, may only go down. */
export const FLOORS = [
  'api',
  'domain',
  'traffic',
  'plan',
  'runtime',
  'git',
  'engine',
  'registry',
  'fences',
  'alias',
  'kube',
  'objects',
  'work',
  'cluster',
  'runs',
  'search-cluster',
  'indexed-repo',
  'workers',
  'conformance',
  'reading',
  'asking',
  'cli',
  'operator',
  'bin',
] as const;

type Room = (typeof FLOORS)[number];

/** What is written for a cluster of Kubernetes, and runs in the operator alone. */
const OF_OPERATOR: readonly Room[] = ['kube', 'objects', 'cluster', 'runs', 'search-cluster', 'indexed-repo'];

/** What programs for people know nothing of that speak with the API server alone. */
const OF_ENGINES: readonly Room[] = ['git', 'engine', 'registry', 'fences', 'alias', 'work', 'workers', 'conformance'];

/** Rooms below that a room knows nothing of all the same. */
export const APART: Readonly<Partial<Record<Room, readonly Room[]>>> = {
  engine: ['git'],
  registry: ['git'],
  fences: ['git', 'registry'],
  kube: ['git', 'engine', 'registry', 'fences', 'alias'],
  'indexed-repo': ['search-cluster'],
  workers: OF_OPERATOR,
  // The contract is checked, not our own worker.
  conformance: [...OF_OPERATOR, 'git', 'workers'],
  reading: [...OF_ENGINES, ...OF_OPERATOR.filter(room => room !== 'kube')],
  asking: [...OF_ENGINES, ...OF_OPERATOR.filter(room => room !== 'kube')],
  // It drives the same runs, without an object in Kubernetes.
  cli: OF_OPERATOR.filter(room => room !== 'runs'),
  operator: ['workers', 'conformance', 'cli'],
};

/** Rooms that speak with what is outside of the process. */
const OUTSIDE: readonly Room[] = ['git', 'engine', 'registry', 'fences', 'kube'];
/** Rooms that take those only as a type: what they need of them is handed to them, by whoever starts the program. */
const HANDED: readonly Room[] = [
  'alias',
  'objects',
  'work',
  'cluster',
  'runs',
  'search-cluster',
  'indexed-repo',
  'reading',
  'asking',
];

/** What one engine does differently: whoever knew of it could do something for one engine only. */
const DIALECTS = 'engine/dialects/';
const CHOOSES_DIALECT = 'engine/connect.ts';

/** Why this arrow is not allowed, or undefined. Within one room every arrow is, but to a dialect. */
export function wrongIn({ from, to, kind }: Arrow): string | undefined {
  if (to.startsWith(DIALECTS) && from !== CHOOSES_DIALECT) return `only ${CHOOSES_DIALECT} takes a dialect`;
  const [source, target] = [roomOf(from), roomOf(to)];
  if (source === target) return undefined;
  if (FLOORS.indexOf(target) > FLOORS.indexOf(source)) return `${source} stands below ${target}`;
  if (APART[source]?.includes(target)) return `${source} knows nothing of ${target}`;
  const isHanded = kind === 'value' && HANDED.includes(source) && OUTSIDE.includes(target);
  return isHanded ? `${source} takes only types of ${target}` : undefined;
}

/** The files of each circle of arrows, in their order around it. */
export function circlesIn(arrows: readonly Arrow[]): readonly (readonly string[])[] {
  const targets = Map.groupBy(arrows, arrow => arrow.from);
  const cleared = new Set<string>();
  const circles: (readonly string[])[] = [];
  const follow = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push(path.slice(path.indexOf(file)));
    else if (!cleared.has(file)) for (const { to } of targets.get(file) ?? []) follow(to, [...path, file]);
    cleared.add(file);
  };
  for (const file of targets.keys()) follow(file, []);
  return circles;
}

/** Every import, re-export and dynamic import with a relative path in the folder. */
export function arrowsIn(src: string): readonly Arrow[] {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  return files.flatMap(file => arrowsOf(file, readFileSync(join(src, file), 'utf8')));
}

/** The imports that one file's text holds. */
export function arrowsOf(file: string, text: string): readonly Arrow[] {
  const arrows: Arrow[] = [];
  const add = (specifier: ts.Node | undefined, kind: Arrow['kind']): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier) || !specifier.text.startsWith('.')) return;
    arrows.push({ from: file, to: normalize(join(dirname(file), specifier.text)), kind });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node) ? 'type' : 'value');
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly ? 'type' : 'value');
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], 'value');
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return arrows;
}

/** The room that a path below src is in. Throws for a folder that has no floor. */
export function roomOf(path: string): Room {
  const folder = path.split('/')[0];
  const room = FLOORS.find(each => each === folder);
  if (room === undefined) throw new Error(`${path} stands in no room of the list of floors`);
  return room;
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = importClause.namedBindings;
  if (importClause.name !== undefined || named === undefined || !ts.isNamedImports(named)) return false;
  return named.elements.length > 0 && named.elements.every(element => element.isTypeOnly);
}
