import { cutLines, maxLengthOf, smallPart, type Piece, type PieceSizes } from './lines.ts';
import type { TextMap } from './text-map.ts';

/** A node of a syntax tree, as far as cutting needs it: offsets in UTF-16 units, children in their order. */
export type TreeNode = {
  readonly type: string;
  readonly startIndex: number;
  readonly endIndex: number;
  readonly children: readonly TreeNode[];
};

type Range = { readonly start: number; readonly end: number };

/** Nodes that no line end separates, and the lines that they take. */
type Group = Range & { readonly nodes: readonly TreeNode[] };

/** A node stays whole up to this much more than the target: a function in one piece is worth it. */
const wholeAbove = 1.5;

/** Deeper than this is no code that anybody wrote: what is left is cut by lines. */
const mostLevels = 200;

/**
 * Cuts a text along its syntax tree into pieces that, one after another, are the text. Small neighbours share a piece up to
 * `target`; a node that is larger is cut between its children, and those again. Cuts fall on line starts. What cannot be
 * opened any more stays whole up to `max` and is cut as `cutLines` does above that. After Zhang et al., "cAST" (2025).
 */
export function cutTree(root: TreeNode, map: TextMap, sizes: PieceSizes): readonly Piece[] {
  const whole = { start: 0, end: map.text.length, nodes: root.children };
  if (whole.end === 0) return [];
  const cutter = new TreeCutter(map, sizes);
  return cutter.joinSmall(cutter.cut(whole, 0)).map(range => ({
    ...range,
    startLine: map.lineAt(range.start),
    endLine: map.lineAt(range.end - 1),
  }));
}

class TreeCutter {
  readonly #map: TextMap;
  readonly #sizes: PieceSizes;

  constructor(map: TextMap, sizes: PieceSizes) {
    this.#map = map;
    this.#sizes = sizes;
  }

  /** The pieces of a range whose content the nodes are. */
  cut(range: Group, level: number): readonly Range[] {
    const done: Range[] = [];
    let open: Range = { start: range.start, end: range.start };
    const close = (): void => {
      if (open.end > open.start) done.push(open);
    };
    for (const group of this.#groups(range)) {
      if (this.#isLarge(group)) {
        close();
        done.push(...this.#cutLarge(group, level));
        open = { start: group.end, end: group.end };
      } else if (this.#belongTogether(open, group)) {
        open = { start: open.start, end: group.end };
      } else {
        close();
        open = group;
      }
    }
    close();
    return done.map(({ start, end }) => ({ start, end }));
  }

  /** A piece that is hardly any text joins the one before it, or else the one after it. */
  joinSmall(pieces: readonly Range[]): readonly Range[] {
    const joined: Range[] = [];
    for (const piece of pieces) {
      const last = joined.at(-1);
      const both = last && { start: last.start, end: piece.end };
      if (both && (this.#isSmall(piece) || this.#isSmall(last)) && this.#fits(both)) joined.splice(-1, 1, both);
      else joined.push(piece);
    }
    return joined;
  }

  /** Nodes by the lines that they share: a range begins and ends where a line does. */
  #groups({ start, end, nodes }: Group): readonly Group[] {
    const groups: Group[] = [];
    let open: TreeNode[] = [];
    let openStart = start;
    let reached = start;
    for (const node of nodes) {
      const lineStart = this.#map.startOfLine(this.#map.lineAt(node.startIndex));
      const isFree = lineStart >= reached && lineStart > openStart && lineStart < end;
      if (isFree && open.length > 0 && !this.#leadsTo(open.at(-1), node)) {
        groups.push({ start: openStart, end: lineStart, nodes: open });
        open = [];
        openStart = lineStart;
      }
      open.push(node);
      reached = Math.max(reached, node.endIndex);
    }
    groups.push({ start: openStart, end, nodes: open });
    return groups;
  }

  /** A comment or an attribute stays with what it stands above, unless a blank line is between. */
  #leadsTo(before: TreeNode | undefined, node: TreeNode): boolean {
    if (before === undefined || !/comment|attribute/.test(before.type)) return false;
    return this.#map.lineAt(node.startIndex) - this.#map.lineAt(Math.max(before.endIndex - 1, 0)) <= 1;
  }

  #cutLarge(group: Group, level: number): readonly Range[] {
    const nodes = level < mostLevels ? this.#opened(group.nodes) : group.nodes;
    if (nodes !== group.nodes) return this.cut({ ...group, nodes }, level + 1);
    if (this.#fits(group)) return [group];
    return cutLines(this.#map.text.slice(group.start, group.end), this.#sizes).map(({ start, end }) => ({
      start: group.start + start,
      end: group.start + end,
    }));
  }

  /** The nodes with each that is no small one replaced by its children; the same array when there are none. */
  #opened(nodes: readonly TreeNode[]): readonly TreeNode[] {
    let changed = false;
    const opened = nodes.flatMap(node => {
      const children = this.#isSmall({ start: node.startIndex, end: node.endIndex }) ? [] : node.children;
      changed ||= children.length > 0;
      return children.length > 0 ? children : [node];
    });
    return changed ? opened : nodes;
  }

  #belongTogether(open: Range, next: Range): boolean {
    const both = { start: open.start, end: next.end };
    if (!this.#fits(both)) return false;
    return this.#denseOf(both) <= this.#sizes.target || this.#isSmall(open);
  }

  #isLarge(range: Range): boolean {
    return this.#denseOf(range) > this.#sizes.target * wholeAbove || !this.#fits(range);
  }

  #fits(range: Range): boolean {
    return this.#denseOf(range) <= this.#sizes.max && range.end - range.start <= maxLengthOf(this.#sizes);
  }

  #isSmall(range: Range): boolean {
    return this.#denseOf(range) < this.#sizes.target * smallPart;
  }

  #denseOf({ start, end }: Range): number {
    return this.#map.dense(start, end);
  }
}
