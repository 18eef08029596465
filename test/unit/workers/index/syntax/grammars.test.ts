import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { chunkerHash, chunkerHashOf } from '../../../../../src/domain/document-model.ts';
import { grammarFiles, parserRuntime } from '../../../../../src/domain/grammars.ts';
import { packagedPath, readGrammar } from '../../../../../src/workers/index/syntax/grammar-file.ts';
import { languageRules } from '../../../../../src/workers/index/syntax/rules.ts';

const files = { ...grammarFiles, runtime: parserRuntime };

describe('the grammars', () => {
  it.each(Object.entries(files))('%s: the installed file is the one that is locked', (_, file) => {
    const bytes = readFileSync(packagedPath(file));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256);
    expect(readGrammar(file).equals(bytes)).toBe(true);
  });

  it('refuse a file that is another one, and name it', () => {
    const other = { ...parserRuntime, sha256: '0'.repeat(64) };
    expect(() => readGrammar(other)).toThrow(/web-tree-sitter\.wasm is not the grammar .* sha256 beca80e4/);
  });

  it('refuse a package that is not there', () => {
    expect(() => readGrammar({ ...parserRuntime, package: 'no-such-package' })).toThrow('no-such-package');
  });

  it('are part of the name of the way in which text is cut', () => {
    expect(chunkerHashOf(files)).toBe(chunkerHash);
    expect(chunkerHashOf({ ...files, go: { ...grammarFiles.go, sha256: '0'.repeat(64) } })).not.toBe(chunkerHash);
  });

  it('know every node type that the rules name', async () => {
    const { Language, Parser } = await import('web-tree-sitter');
    await Parser.init();
    // The rules of TypeScript and JavaScript are the same ones.
    const shared = Object.keys(languageRules.typescript.definitions).concat(languageRules.typescript.wrappers);
    for (const [name, rules] of Object.entries(languageRules)) {
      const { types } = await Language.load(readGrammar(grammarFiles[name as keyof typeof grammarFiles]));
      const named = [
        ...Object.keys(rules.definitions),
        ...rules.holders,
        ...rules.wrappers,
        ...Object.keys(rules.imports),
      ];
      const unknown = named.filter(type => !types.includes(type) && !shared.includes(type));
      expect([name, unknown]).toEqual([name, []]);
    }
  });
});
