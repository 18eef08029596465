import { chunking } from '../../../domain/document-model.ts';
import { cutTree, type TreeNode } from './cut-tree.ts';
import { cutLines, type Piece } from './lines.ts';
import { markdownTree } from './markdown.ts';
import type { FoundName, FoundSymbol, Outline } from './outline.ts';
import { TextMap } from './text-map.ts';

/** Who found the places to cut at: a grammar, the headings of a text, or nobody. */
export type ParserName = 'tree-sitter' | 'headings' | 'lines';

/** A piece with what is said in it; the fields are those of a chunk document. */
export type DescribedPiece = Piece & { readonly fields: PieceFields };

export type PieceFields = {
  readonly kind: string;
  readonly containerPath?: string;
  readonly symbols?: readonly { readonly name: string; readonly kind: string; readonly line: number }[];
  readonly symbol_names?: readonly string[];
  readonly imports?: readonly { readonly path: string; readonly line: number }[];
  readonly exports?: readonly { readonly name: string; readonly line: number }[];
};

export type Cut = { readonly parser: ParserName; readonly pieces: readonly DescribedPiece[] };

const longestPath = 1000;

/** Cuts a text that needs no grammar. */
export function cutPlainly(text: string, language: string): Cut {
  if (language !== 'markdown') return cutByLines(text);
  const { root, outline } = markdownTree(text);
  return outline.symbols.length === 0 ? cutByLines(text) : cutByTree('headings', text, root, outline);
}

/** Cuts a text that nothing is known about. */
export function cutByLines(text: string): Cut {
  return { parser: 'lines', pieces: cutLines(text, chunking).map(piece => ({ ...piece, fields: { kind: 'lines' } })) };
}

/** Cuts a text along a tree, and says of each piece what the outline has in it. */
export function cutByTree(parser: ParserName, text: string, root: TreeNode, outline: Outline): Cut {
  const map = new TextMap(text);
  const pieces = cutTree(root, map, chunking);
  const describe = describer(map, outline);
  return { parser, pieces: pieces.map(piece => ({ ...piece, fields: describe(piece) })) };
}

/** Pieces have to come in their order: each list of the outline is walked through once. */
function describer(map: TextMap, outline: Outline): (piece: Piece) => PieceFields {
  const symbolsIn = takerOf(outline.symbols, symbol => symbol.nameAt);
  const importsIn = takerOf(outline.imports, found => found.at);
  const exportsIn = takerOf(outline.exports, found => found.at);
  let last: FoundSymbol | undefined;
  const named = ({ name, at }: FoundName) => ({ name, line: map.lineAt(at) });
  return piece => {
    const holder = holderAt(map.firstDense(piece.start, piece.end), piece.start, last);
    const symbols = symbolsIn(piece.end);
    const imports = importsIn(piece.end).map(named);
    const exports = exportsIn(piece.end).map(named);
    last = symbols.at(-1) ?? last;
    const container = pathOf(holder);
    return {
      kind: kindOf(symbols, holder, imports.length > 0),
      ...(container !== '' && { containerPath: container }),
      ...(symbols.length > 0 && {
        symbols: symbols.map(({ name, kind, nameAt }) => ({ name, kind, line: map.lineAt(nameAt) })),
        symbol_names: [...new Set(symbols.map(symbol => symbol.name))],
      }),
      ...(imports.length > 0 && { imports: imports.map(({ name, line }) => ({ path: name, line })) }),
      ...(exports.length > 0 && { exports }),
    };
  };
}

/** Takes what lies before an offset off a list that is sorted by offset. */
function takerOf<T>(found: readonly T[], offset: (item: T) => number): (end: number) => readonly T[] {
  const sorted = [...found].sort((one, other) => offset(one) - offset(other));
  let taken = 0;
  return end => {
    const from = taken;
    while (taken < sorted.length && offset(sorted[taken] as T) < end) taken += 1; // within the length
    return sorted.slice(from, taken);
  };
}

/** The innermost definition that began before the piece and goes on in it: the last one met, or one around that. */
function holderAt(offset: number, start: number, last: FoundSymbol | undefined): FoundSymbol | undefined {
  let holder = last;
  while (holder && !(holder.start < start && holder.end > offset)) holder = holder.holder;
  return holder;
}

function pathOf(symbol: FoundSymbol | undefined): string {
  const names: string[] = [];
  for (let each = symbol; each; each = each.holder) names.unshift(each.name);
  return names.join('.').slice(0, longestPath);
}

/** One kind for the piece: of what it defines (`mixed` when that differs), or else of what it is a part of. */
function kindOf(symbols: readonly FoundSymbol[], holder: FoundSymbol | undefined, imports: boolean): string {
  const outermost = symbols.filter(symbol => symbol.holder === undefined || !symbols.includes(symbol.holder));
  const kinds = new Set(outermost.map(symbol => symbol.kind));
  const [only] = kinds;
  if (only !== undefined) return kinds.size === 1 ? only : 'mixed';
  return holder?.kind ?? (imports ? 'import' : 'code');
}
