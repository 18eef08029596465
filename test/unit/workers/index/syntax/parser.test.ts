import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chunking } from '../../../../../src/domain/document-model.ts';
import { cutByLines, cutPlainly, type Cut } from '../../../../../src/workers/index/syntax/cut.ts';
import { grammarFor, longestParsed } from '../../../../../src/workers/index/syntax/grammar-choice.ts';
import { languageOf } from '../../../../../src/workers/index/syntax/language.ts';
import { maxLengthOf } from '../../../../../src/workers/index/syntax/lines.ts';
import { SyntaxParser } from '../../../../../src/workers/index/syntax/parser.ts';
import { realSources, sampleSources, type SourceFile } from '../../../../support/checks/sources.ts';

let parser: SyntaxParser;

beforeAll(async () => {
  parser = await SyntaxParser.start();
});

/** As a thread does it. */
async function cutOf({ name, text }: SourceFile): Promise<Cut> {
  const grammar = grammarFor(name, text);
  if (grammar === undefined) return cutPlainly(text, languageOf(name).language);
  return (await parser.cut(grammar, text)) ?? cutByLines(text);
}

const partsOf = (text: string, { pieces }: Cut): readonly string[] =>
  pieces.map(({ start, end }) => text.slice(start, end));
const dense = (text: string): number => text.replace(/[ \t-\r]/g, '').length;
/** A pair of surrogates is never cut: a piece that ends with one may hold one unit more. */
const overhang = (part: string): number => (/[\udc00-\udfff]$/.test(part) ? 1 : 0);
const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** What must be true of every cut, whoever made it. */
function expectSeamless({ name, text }: SourceFile, cut: Cut): void {
  const parts = partsOf(text, cut);
  expect([name, parts.join('') === text]).toEqual([name, true]);
  const isTooLarge = (part: string): boolean =>
    dense(part) - overhang(part) > chunking.max || part.length - overhang(part) > maxLengthOf(chunking);
  expect(parts.filter(isTooLarge)).toEqual([]);
  expect(cut.pieces.filter(({ start, end }) => end <= start)).toEqual([]);
  const [first] = cut.pieces;
  const last = cut.pieces.at(-1);
  expect([first?.startLine ?? 1, last?.endLine ?? 1]).toEqual([1, text === '' ? 1 : lineAt(text, text.length - 1)]);
}

describe('a sample of each language', () => {
  const outlines: readonly (readonly [string, string])[] = [
    ['Bank.java', 'class Bank:6, property open:7, property NAME:8, method Bank:10, method run:13, enum State:17, method isOpen:21, class Pair:26, interface Account:29, method balance:30'],
    ['Order.cs', 'module Shop.Orders:5, class Line:7, class Order:9, property Total:11, method Order:12, method Close:13, enum State:14, type Closed:15, interface IOrder:18, property Total:20'],
    ['engine.rs', 'constant LIMIT:4, variable COUNT:5, type Engine:9, interface Turn:13, method turn:14, type Engine:17, method turn:18, module inner:21, enum Kind:22, function helper:23, macro twice:26, type Short:29'],
    ['garden.rb', 'module Garden:4, class Bed:5, method create:8, method water!:12, method empty?:17'],
    ['guide.md', 'heading Guide:7, heading Install:11, heading By hand:17, heading Use `it`:23'],
    ['list.c', 'macro LIMIT:4, macro MAX:5, type node_t:9, type list:11, enum colour:15, function find:20, function handler:23'],
    ['queue.js', 'constant events:2, class Queue:5, property items:6, method push:7, method of:10, function drain:13, function later:16'],
    ['shape.cpp', 'module shapes::flat:3, class Shape:6, method Shape:8, method ~Shape:9, method operator==:10, type Square:19, function area:21, function shapes::flat::Other::count:25'],
    ['shop.ts', 'interface Article:5, property name:6, method price:7, type Basket:10, enum Size:11, constant empty:15, function total:16, class Shop:17, property #open:18, property size:19, method constructor:20, method isOpen:21, method close:24, module Inner:26, function hidden:27, module outer:29, constant value:30'],
    ['store.go', 'constant Limit:9, variable cache:12, type Store:15, type Reader:19, function New:23, method Put:26'],
    ['table.h', 'class Table:3'],
    ['tool.py', 'variable LIMIT:6, class Tool:10, variable name:11, method size:14, class Part:17, method run:18, function main:22'],
    ['view.tsx', 'function Counter:3'],
  ]; // prettier-ignore

  const names: readonly (readonly [string, string, string])[] = [
    ['Bank.java', 'java.util.List java.lang.Math.max', 'Bank NAME Bank run'],
    ['Order.cs', 'System System.Math Text = System.Text', 'Line Order Total Order State'],
    ['engine.rs', 'std::{fmt, io::Read} serde', 'LIMIT Engine Turn Kind helper'],
    ['garden.rb', 'set plants/tree', ''],
    ['list.c', 'stdio.h list.h', ''],
    ['queue.js', 'events ./pair', ''],
    ['shop.ts', './price.ts node:fs/promises ./more.ts', 'Article Basket Size empty total Shop hidden Outer readFile'],
    ['store.go', 'fmt example.org/other os', 'Limit Store Reader New Put'],
    ['tool.py', 'os.path sys ..package.module', ''],
  ]; // prettier-ignore

  const samples = new Map(sampleSources().map(source => [source.name, source]));
  const sample = async (name: string) => {
    const source = samples.get(name)!;
    return { source, cut: await cutOf(source) };
  };

  it('is there for every row of the tables', () => {
    expect(outlines.map(([name]) => name)).toEqual([...samples.keys()]);
  });

  it.each(outlines)('%s: definitions with kind and line', async (name, expected) => {
    const { source, cut } = await sample(name);
    expectSeamless(source, cut);
    expect(cut.parser).toBe(name.endsWith('.md') ? 'headings' : 'tree-sitter');
    const found = cut.pieces.flatMap(({ fields }) => fields.symbols ?? []);
    expect(found.map(({ kind, name: symbol, line }) => `${kind} ${symbol}:${line}`).join(', ')).toBe(expected);
  });

  it.each(names)('%s: imports and exports', async (name, imports, exports) => {
    const { cut } = await sample(name);
    expect(cut.pieces.flatMap(({ fields }) => fields.imports ?? []).map(({ path }) => path).join(' ')).toBe(imports);
    expect(cut.pieces.flatMap(({ fields }) => fields.exports ?? []).map(each => each.name).join(' ')).toBe(exports);
  }); // prettier-ignore
});

describe('a source is cut', () => {
  const real = realSources();

  it('into pieces that are its text, one after another, none of them too large', async () => {
    const byParser = new Map<string, number>();
    for (const source of real) {
      const cut = await cutOf(source);
      expectSeamless(source, cut);
      byParser.set(cut.parser, (byParser.get(cut.parser) ?? 0) + 1);
    }
    expect(byParser.get('tree-sitter')).toBeGreaterThan(60);
    expect(byParser.get('headings')).toBeGreaterThan(3);
  });

  it('also when it is mangled, and then in the same way every time', async () => {
    const small = [...real, ...sampleSources()].filter(({ text }) => text.length < 20_000);
    const mangling = fc.record({
      source: fc.constantFrom(...small),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      removed: fc.nat(400),
      put: fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('{{{{', '"""', '*/', '<%', '\n\n\n', '\r', '\u{1f600}', '`${', '#if\n')),
      times: fc.constantFrom(1, 1, 3, 200),
    }); // prettier-ignore
    await fc.assert(
      fc.asyncProperty(mangling, async ({ source: { name, text }, at, removed, put, times }) => {
        const offset = Math.floor(text.length * at);
        const mangled = { name, text: text.slice(0, offset) + put.repeat(times) + text.slice(offset + removed) };
        const cut = await cutOf(mangled);
        expectSeamless(mangled, cut);
        expect(await cutOf(mangled)).toEqual(cut);
      }),
      { numRuns: 150 },
    );
  });

  it('between two characters, where a line is too long and a pair of surrogates lies across the limit', async () => {
    const text = `# Pairs\n\nx${'\u{10000}'.repeat(chunking.max)}\n`;
    const cut = await cutOf({ name: 'pairs.md', text });
    expectSeamless({ name: 'pairs.md', text }, cut);
    expect(partsOf(text, cut).filter(part => !part.isWellFormed())).toEqual([]);
    expect(partsOf(text, cut).map(dense)).toContain(chunking.max + 1);
  });

  it('between the methods of a class that is too large, each piece with the class as its container', async () => {
    const method = (i: number): string => `  method${i}() {\n${`    call(${i}, "text");\n`.repeat(70)}  }\n`;
    const text = `class Large {\n${Array.from({ length: 6 }, (_, i) => method(i)).join('\n')}}\n`;
    const { pieces } = await cutOf({ name: 'large.ts', text });
    expect(pieces.map(({ startLine, fields }) => [text.split('\n')[startLine - 1], fields.kind, fields.containerPath])).toEqual([
      ['class Large {', 'class', undefined],
      ...[1, 2, 3, 4, 5].map(i => [`  method${i}() {`, 'method', 'Large']),
    ]);
  }); // prettier-ignore

  it('inside of a function that is too large, each piece with the function as its container', async () => {
    const text = `class A {\n  long() {\n${'    call("some text");\n'.repeat(400)}  }\n}\n`;
    const { pieces } = await cutOf({ name: 'long.ts', text });
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.slice(1).map(({ fields }) => [fields.kind, fields.containerPath])).toEqual(
      pieces.slice(1).map(() => ['method', 'A.long']),
    );
  });

  it('with a comment beside what it stands above', async () => {
    const part = (i: number): string =>
      `/** About f${i}. */\nfunction f${i}() {\n${'  call("text");\n'.repeat(90)}}\n\n`;
    const text = part(1) + part(2) + part(3);
    const { pieces } = await cutOf({ name: 'comments.ts', text });
    expect(pieces.map(({ startLine }) => text.split('\n')[startLine - 1])).toEqual(
      [1, 2, 3].map(i => `/** About f${i}. */`),
    );
  });
});

describe('a source is cut by lines', () => {
  it.each<[string, SourceFile]>([
    ['that has no grammar', { name: 'a.lua', text: 'print(1)\n' }],
    ['that is too long for a tree', { name: 'a.ts', text: 'call();\n'.repeat(longestParsed / 8 + 1) }],
    ['of which most is something else', { name: 'a.go', text: '? ? % % = = ) ) ( ] ] # @ ~\n'.repeat(50) }],
    ['without any heading', { name: 'a.md', text: 'Some text.\n' }],
  ])('%s', async (_, source) => {
    const cut = await cutOf(source);
    expect(cut.parser).toBe('lines');
    expectSeamless(source, cut);
    expect(cut.pieces.map(({ fields }) => fields)).toEqual(cut.pieces.map(() => ({ kind: 'lines' })));
  });
});
