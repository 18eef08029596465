import type { FoundSymbol, Outline } from './outline.ts';
import type { TreeNode } from './cut-tree.ts';

type Heading = { readonly level: number; readonly name: string; readonly start: number; readonly nameAt: number };

/** A heading with everything below it. Its end is known when the next heading of its level or above is met. */
type Section = {
  readonly type: string;
  readonly level: number;
  readonly startIndex: number;
  endIndex: number;
  readonly children: TreeNode[];
  readonly symbol: { -readonly [K in keyof FoundSymbol]: FoundSymbol[K] } | undefined;
};

const longestName = 200;

/** Markdown as a tree of sections, so that it is cut like code: at its headings, and inside of a section by lines. */
export function markdownTree(text: string): { readonly root: TreeNode; readonly outline: Outline } {
  const symbols: FoundSymbol[] = [];
  const root = sectionAt(0, 0, undefined);
  const open = [root];
  let reached = 0;
  const addText = (end: number): void => {
    if (end > reached) open.at(-1)?.children.push({ type: 'text', startIndex: reached, endIndex: end, children: [] });
    reached = end;
  };
  const closeTo = (level: number, end: number): void => {
    addText(end);
    for (let last = open.at(-1); last && last.level >= level; last = open.at(-1)) {
      last.endIndex = end;
      if (last.symbol) last.symbol.end = end;
      open.pop();
    }
  };
  for (const { level, name, start, nameAt } of headingsOf(text)) {
    closeTo(level, start);
    const around = open.at(-1);
    const symbol = { name, kind: 'heading', start, end: start, nameAt, holder: around?.symbol } as const;
    const section = sectionAt(level, start, { ...symbol });
    if (section.symbol) symbols.push(section.symbol);
    around?.children.push(section);
    open.push(section);
  }
  closeTo(0, text.length);
  return { root, outline: { symbols, imports: [], exports: [] } };
}

function sectionAt(level: number, start: number, symbol: FoundSymbol | undefined): Section {
  return { type: 'section', level, startIndex: start, endIndex: start, children: [], symbol };
}

const headingLine = /^ {0,3}(#{1,6})[ \t]+(.*)$/;
const fenceLine = /^ {0,3}(`{3,}|~{3,})/;

/** Headings with `#`, outside of fenced code. */
function* headingsOf(text: string): Generator<Heading> {
  let fence = '';
  for (let start = 0; start < text.length;) {
    const lineEnd = text.indexOf('\n', start);
    const end = lineEnd < 0 ? text.length : lineEnd;
    const line = text.slice(start, end);
    const mark = fenceLine.exec(line)?.[1] ?? '';
    if (fence !== '') {
      if (mark.startsWith(fence)) fence = '';
    } else if (mark !== '') {
      fence = mark;
    } else {
      const [whole, marks = '', title = ''] = headingLine.exec(line) ?? [];
      const name = title.replace(/[ \t]+#+[ \t]*$/, '').trim();
      if (whole !== undefined && name !== '') {
        const nameAt = start + line.indexOf(title, marks.length);
        yield { level: marks.length, name: name.slice(0, longestName), start, nameAt };
      }
    }
    start = end + 1;
  }
}
