import type { Node } from 'web-tree-sitter';
import type { LanguageRules, SymbolKind } from './rules.ts';

/** A definition: offsets in UTF-16 units, of the whole of it and of its name. `holder` is the definition around it. */
export type FoundSymbol = {
  readonly name: string;
  readonly kind: SymbolKind;
  readonly start: number;
  readonly end: number;
  readonly nameAt: number;
  readonly holder: FoundSymbol | undefined;
};

/** A name that stands at an offset: a module that is brought in, or a definition that others may bring in. */
export type FoundName = { readonly name: string; readonly at: number };

/** What a file defines, brings in and gives out, each list in the order of the file. */
export type Outline = {
  readonly symbols: readonly FoundSymbol[];
  readonly imports: readonly FoundName[];
  readonly exports: readonly FoundName[];
};

/** Longer names are data; the engine refuses terms of 32 KiB and more, and the whole document with them. */
const longestName = 200;
const mostLevels = 60;

/** Reads the outline off a syntax tree. Looks only into what holds definitions, so it costs little beside the parsing. */
export function outlineOf(root: Node, rules: LanguageRules): Outline {
  const outline = { symbols: [] as FoundSymbol[], imports: [] as FoundName[], exports: [] as FoundName[] };
  look(root, { rules, holder: undefined, exported: false, level: 0 }, outline);
  return outline;
}

type Writable = { readonly [K in keyof Outline]: Outline[K][number][] };

type Place = {
  readonly rules: LanguageRules;
  readonly holder: FoundSymbol | undefined;
  /** Below a node that gives out what it holds. */
  readonly exported: boolean;
  readonly level: number;
};

function look(parent: Node, place: Place, outline: Writable): void {
  if (place.level > mostLevels) return;
  const { rules } = place;
  for (const node of parent.children) {
    const { type } = node;
    if (!node.isNamed) continue;
    if (Object.hasOwn(rules.imports, type)) outline.imports.push(...importsOf(node, rules.imports[type] ?? ''));
    const symbol = symbolOf(node, place);
    if (symbol !== undefined) {
      outline.symbols.push(symbol);
      if (place.exported || isExported(node, symbol.name, rules)) outline.exports.push(nameOf(symbol));
    }
    outline.imports.push(...requiredBy(node));
    if (symbol !== undefined && rules.holders.includes(type)) {
      look(node, { ...place, holder: symbol, exported: false, level: place.level + 1 }, outline);
    } else if (rules.wrappers.includes(type)) {
      const below = rules.exportedBelow?.includes(type) === true;
      if (below) outline.exports.push(...listedExports(node));
      look(node, { ...place, exported: place.exported || below, level: place.level + 1 }, outline);
    }
  }
}

function symbolOf(node: Node, { rules, holder }: Place): FoundSymbol | undefined {
  const listed = Object.hasOwn(rules.definitions, node.type) ? rules.definitions[node.type] : undefined;
  if (listed === undefined || (node.type.endsWith('_specifier') && node.childForFieldName('body') === null)) return;
  const named = nameNode(node, rules.names?.[node.type] ?? ['name']);
  const name = named && plainText(named.text.replace(/^(["'])(.*)\1$/, '$2'));
  if (!named || !name || /_pattern$|^attribute$|^subscript$/.test(named.type)) return;
  const kind = kindOf(node, listed, holder);
  return { name, kind, start: node.startIndex, end: node.endIndex, nameAt: named.startIndex, holder };
}

function kindOf(node: Node, listed: SymbolKind, holder: FoundSymbol | undefined): SymbolKind {
  if (listed === 'constant') return /function/.test(node.childForFieldName('value')?.type ?? '') ? 'function' : listed;
  const inType = holder !== undefined && holder.kind !== 'module';
  return listed === 'function' && inType ? 'method' : listed;
}

/** Declarators of C and its kin wrap the name in pointers, arrays and parameters. */
function nameNode(node: Node, fields: readonly string[]): Node | undefined {
  let found: Node | null = node;
  for (const field of fields) found = found?.childForFieldName(field) ?? null;
  for (let inner = found; inner !== null; found = inner) {
    inner = inner.childForFieldName('declarator') ?? (/^parenthesized_d/.test(inner.type) ? inner.namedChild(0) : null);
    if (inner === null) break;
  }
  // `Engine<T>` is called Engine.
  return (found?.type === 'generic_type' ? found.childForFieldName('type') : undefined) ?? found ?? undefined;
}

function isExported(node: Node, name: string, { exportedBy, exportedName }: LanguageRules): boolean {
  if (exportedName?.test(name)) return true;
  return (
    exportedBy !== undefined && node.children.some(child => /modifier/.test(child.type) && exportedBy.test(child.text))
  );
}

function nameOf({ name, nameAt }: FoundSymbol): FoundName {
  return { name, at: nameAt };
}

/** `export { a, b as c }`: the names that are seen from outside. */
function listedExports(node: Node): readonly FoundName[] {
  const clause = node.children.find(child => child.type === 'export_clause');
  const listed = clause?.children.filter(child => child.type === 'export_specifier') ?? [];
  return listed.flatMap(specifier => {
    const seen = specifier.childForFieldName('alias') ?? specifier.childForFieldName('name');
    return seen === null ? [] : [{ name: plainText(seen.text), at: seen.startIndex }];
  });
}

function importsOf(node: Node, field: string): readonly FoundName[] {
  // Ruby has no statement for it: a call of a method that is called so.
  if (node.type === 'call' && !/^require(_relative)?$/.test(node.childForFieldName('method')?.text ?? '')) return [];
  const modules = field === '' ? [node] : node.childrenForFieldName(field);
  return modules.flatMap(found => {
    const module = (field === '' ? null : found?.childForFieldName('name')) ?? found;
    const name = moduleName(module?.text ?? '');
    return module && name !== '' ? [{ name, at: module.startIndex }] : [];
  });
}

/** `const a = require('b')` */
function requiredBy(node: Node): readonly FoundName[] {
  const value = node.type === 'variable_declarator' ? node.childForFieldName('value') : null;
  if (value?.type !== 'call_expression' || value.childForFieldName('function')?.text !== 'require') return [];
  const name = moduleName(value.childForFieldName('arguments')?.text ?? '');
  return name === '' ? [] : [{ name, at: value.startIndex }];
}

/** Without keywords, quotes, brackets and the final semicolon. */
function moduleName(text: string): string {
  const bare = text.replace(/^(?:import|using|global|static|\s)+\s/, '').replace(/^static\s+/, '');
  return plainText(bare.replace(/[;'"`<>()]/g, ''));
}

function plainText(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, longestName);
}
