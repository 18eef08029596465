import { Language, Parser } from 'web-tree-sitter';
import { grammarFiles, parserRuntime, type GrammarName } from '../../src/domain/grammars.ts';
import { openLocal } from '../../src/git/local.ts';
import { readBlobs } from '../../src/git/objects.ts';
import { textOf } from '../../src/workers/index/documents/documents.ts';
import { grammarFor, longestParsed } from '../../src/workers/index/syntax/grammar-choice.ts';
import { readGrammar } from '../../src/workers/index/syntax/grammar-file.ts';
import { treeOnDisk, type CommitOnDisk } from './tree-on-disk.ts';

/** The files of a commit that have a grammar, and nothing but their parsing: one thread, no look at the trees. */
export type BareParse = { readonly megabytes: number; readonly parseAll: () => void };

/** Reads all of it into memory first. One at a time. */
export async function bareParse(commit: CommitOnDisk, folder: string): Promise<BareParse> {
  const entries = await treeOnDisk(commit);
  const repository = await openLocal({ ...commit, folder });
  const files: { readonly parser: Parser; readonly text: string }[] = [];
  const parserOf = await parsers();
  let bytes = 0;
  let at = 0;
  for await (const blob of readBlobs(
    repository.store,
    entries.map(({ oid }) => oid),
  )) {
    const path = entries[at++]?.path ?? '';
    const found = textOf(path, blob.bytes ?? Buffer.alloc(0));
    const grammar = found.is === 'text' ? grammarFor(path, found.text) : undefined;
    if (found.is !== 'text' || grammar === undefined || found.text.length > longestParsed) continue;
    files.push({ parser: await parserOf(grammar), text: found.text });
    bytes += blob.bytes?.length ?? 0;
  }
  const parseAll = (): void => {
    for (const { parser, text } of files) parser.parse(text)?.delete();
  };
  return { megabytes: bytes / 1e6, parseAll };
}

async function parsers(): Promise<(grammar: GrammarName) => Promise<Parser>> {
  await Parser.init({ wasmBinary: new Uint8Array(readGrammar(parserRuntime)) });
  const known = new Map<GrammarName, Parser>();
  return async grammar => {
    const ready = known.get(grammar);
    if (ready !== undefined) return ready;
    const parser = new Parser();
    parser.setLanguage(await Language.load(new Uint8Array(readGrammar(grammarFiles[grammar]))));
    known.set(grammar, parser);
    return parser;
  };
}
