import { Language, Parser, type Node } from 'web-tree-sitter';
import { grammarFiles, parserRuntime, type GrammarName } from '../../../domain/grammars.ts';
import { cutByTree, type Cut } from './cut.ts';
import { longestParsed } from './grammar-choice.ts';
import { readGrammar } from './grammar-file.ts';
import { outlineOf } from './outline.ts';
import { languageRules } from './rules.ts';

const pageBytes = 64 * 1024;
/** What the parser starts with, and the most that it may take: trees of `longestParsed` characters fit well. */
const firstMemoryBytes = 32 * 1024 * 1024;
const mostMemoryBytes = 128 * 1024 * 1024;

/** Sound files need 0.02 to 0.06 steps for each character. */
const stepsPerCharacter = 1;
const freeSteps = 10_000;

/** More of a file than this inside of errors: its tree says nothing. */
const mostInError = 0.5;

/**
 * Grammars in WebAssembly. Whether a text is cut along its tree depends on the text alone: its length, the steps that the
 * parser makes, and how much of it is no part of the language. A trap leaves an instance that cannot be used any more.
 */
export class SyntaxParser {
  readonly #memory: WebAssembly.Memory;
  readonly #parsers = new Map<GrammarName, Parser>();

  private constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /** Once in a thread: the runtime is one for the whole of it. */
  static async start(): Promise<SyntaxParser> {
    const memory = new WebAssembly.Memory({
      initial: firstMemoryBytes / pageBytes,
      maximum: mostMemoryBytes / pageBytes,
    });
    const wasmBinary = new Uint8Array(readGrammar(parserRuntime));
    await Parser.init({ wasmMemory: memory, wasmBinary });
    return new SyntaxParser(memory);
  }

  /** What the parser took so far; it never gives any of it back. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** The text cut along its tree; undefined when the tree is not worth it. Throws WebAssembly.RuntimeError for a trap. */
  async cut(grammar: GrammarName, text: string): Promise<Cut | undefined> {
    if (text.length > longestParsed) return undefined;
    const parser = await this.#parser(grammar);
    let steps = 0;
    const mostSteps = freeSteps + text.length * stepsPerCharacter;
    const tree = parser.parse(text, null, { progressCallback: () => (steps += 1) > mostSteps });
    if (tree === null) {
      parser.reset();
      return undefined;
    }
    try {
      const root = tree.rootNode;
      if (charactersInError(root) > text.length * mostInError) return undefined;
      return cutByTree('tree-sitter', text, root, outlineOf(root, languageRules[grammar]));
    } finally {
      tree.delete();
    }
  }

  async #parser(grammar: GrammarName): Promise<Parser> {
    const known = this.#parsers.get(grammar);
    if (known !== undefined) return known;
    const parser = new Parser();
    parser.setLanguage(await Language.load(new Uint8Array(readGrammar(grammarFiles[grammar]))));
    this.#parsers.set(grammar, parser);
    return parser;
  }
}

/** Length of what lies in errors and is no whole piece of the language there. */
function charactersInError(root: Node): number {
  let inError = 0;
  const waiting: Node[] = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (!node.hasError && !node.isError) continue;
    if (node.isError) inError += node.endIndex - node.startIndex;
    for (const child of node.children) {
      if (node.isError && child.childCount > 0) inError -= child.endIndex - child.startIndex;
      waiting.push(child);
    }
  }
  return inError;
}
