import type { GrammarName } from '../../../domain/grammars.ts';
import { ownValue } from '../../../domain/own-value.ts';
import { languageOf } from './language.ts';

const byLanguage: Readonly<Record<string, GrammarName>> = {
  c: 'c',
  cpp: 'cpp',
  csharp: 'csharp',
  go: 'go',
  java: 'java',
  javascript: 'javascript',
  python: 'python',
  ruby: 'ruby',
  rust: 'rust',
  typescript: 'typescript',
};

/** Code that people write is smaller; trees of more would not fit into what a thread may hold. Characters. */
export const longestParsed = 512 * 1024;

/** The grammar of a file by its path, or by what its text turned out to be in; undefined = none. */
export function grammarOf(filePath: string, language = languageOf(filePath).language): GrammarName | undefined {
  if (language === 'typescript' && /\.tsx$/i.test(filePath)) return 'tsx';
  return ownValue(byLanguage, language);
}

const cppOnly =
  /^[ \t]*(?:class[ \t]+\w|namespace\b|template[ \t]*<|using[ \t]+\w|(?:public|private|protected)[ \t]*:)/m;

/** Headers of C and C++ have one ending: what only C++ has decides. */
export function grammarFor(filePath: string, text: string, language?: string): GrammarName | undefined {
  const grammar = grammarOf(filePath, language);
  return grammar === 'c' && /\.h$/i.test(filePath) && cppOnly.test(text) ? 'cpp' : grammar;
}
