import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

/** One import of one file of src by another, as paths below src. */
export type Arrow = { readonly from: string; readonly to: string; readonly kind: 'value' | 'type' };

/** Folders of src, or single files of them, that a folder may import; `types` are allowed on top, as types only. */
type Allowed = { readonly values: readonly string[]; readonly types?: readonly string[] };

const CORE = ['jobs', 'domain', 'api'];
/** What the outside world looks like to those who decide. */
const PORTS = ['engine/port.ts', 'engine/settings-port.ts', 'kube/port.ts', 'runtime'];
const CONTROLLER_TYPES = [...PORTS, 'kube/controller.ts', 'kube/secrets.ts'];
/** The one rule of how a status is written; it knows the port only. */
const STATUS_WRITER = 'kube/status-writer.ts';
/** Reading text and deciding, without any input or output of their own. */
const PURE_OF_GIT = ['git/credentials.ts', 'git/url.ts'];
/** Procedures and rules written against the engine's port alone: they know no client. */
const OVER_ENGINE_PORT = ['engine/errors.ts', 'engine/switch.ts', 'engine/write-alias.ts', 'engine/partition-fence.ts'];

/** bin -> (operator, workers, cli) -> (plan, jobs) -> domain -> api; engine, git, kube and runtime hang below as adapters. */
export const ALLOWED: Readonly<Record<string, Allowed>> = {
  api: { values: [], types: ['kube/port.ts'] },
  domain: { values: ['api'], types: PORTS },
  jobs: { values: ['domain', 'api'], types: PORTS },
  plan: { values: CORE, types: [...PORTS, 'engine/switch.ts'] },
  'search-cluster': { values: ['plan', ...CORE, STATUS_WRITER], types: [...CONTROLLER_TYPES, 'reindex-request'] },
  'reindex-request': { values: ['search-cluster', 'plan', ...CORE, STATUS_WRITER], types: CONTROLLER_TYPES },
  'indexed-repo': {
    values: ['reindex-request', 'search-cluster', 'plan', ...CORE, STATUS_WRITER, ...PURE_OF_GIT],
    types: [...CONTROLLER_TYPES, 'git/remote.ts'],
  },
  operator: {
    values: ['indexed-repo', 'reindex-request', 'search-cluster', 'plan', ...CORE, 'kube', 'runtime'],
    types: PORTS,
  },
  // There is no other Git than Git: those who read documents out of it have no port between.
  workers: { values: [...CORE, 'runtime', 'git', ...OVER_ENGINE_PORT], types: PORTS },
  cli: {
    values: ['workers', 'conformance', 'plan/hand-over.ts', ...CORE, 'runtime', 'git', ...OVER_ENGINE_PORT],
    types: [...PORTS, 'engine'],
  },
  // Knows nothing of our own worker: it is the contract that is checked.
  conformance: { values: [...CORE, 'runtime', ...OVER_ENGINE_PORT], types: PORTS },
  engine: { values: ['domain', 'api', 'runtime'] },
  git: { values: ['domain', 'api', 'runtime'] },
  kube: { values: ['domain', 'api', 'runtime'] },
  runtime: { values: ['domain', 'api'] },
  bin: {
    values: ['operator', 'indexed-repo', 'reindex-request', 'search-cluster', 'workers', 'cli', 'plan', ...CORE].concat(
      ['engine', 'git', 'kube', 'runtime'],
    ),
  },
};

/** Whether the table allows it. Within one folder everything is allowed. */
export function isAllowed({ from, to, kind }: Arrow): boolean {
  if (folderOf(from) === folderOf(to)) return true;
  const { values = [], types = [] } = ALLOWED[folderOf(from)] ?? {};
  const targets = kind === 'value' ? values : [...values, ...types];
  return targets.includes(to) || targets.includes(folderOf(to));
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

/** The first part of a path below src. */
export function folderOf(path: string): string {
  return path.split('/')[0] ?? '';
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = importClause.namedBindings;
  if (importClause.name !== undefined || named === undefined || !ts.isNamedImports(named)) return false;
  return named.elements.length > 0 && named.elements.every(element => element.isTypeOnly);
}
