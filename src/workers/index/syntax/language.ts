import { ownValue } from '../../../domain/own-value.ts';
import { baseName } from '../tree/paths.ts';

/** What a file is written in, and whether it is code or prose. */
export type Language = { readonly language: string; readonly type: 'code' | 'doc' };

// prettier-ignore
const byExtension: Readonly<Record<string, string>> = {
  bash: 'shell', bat: 'batch', c: 'c', cc: 'cpp', cjs: 'javascript', clj: 'clojure', cmake: 'cmake', conf: 'config',
  cpp: 'cpp', cs: 'csharp', css: 'css', csv: 'csv', cts: 'typescript', cxx: 'cpp', dart: 'dart', el: 'elisp',
  erl: 'erlang', ex: 'elixir', exs: 'elixir', fs: 'fsharp', go: 'go', gradle: 'groovy', graphql: 'graphql',
  groovy: 'groovy', h: 'c', hcl: 'hcl', hh: 'cpp', hpp: 'cpp', hs: 'haskell', htm: 'html', html: 'html', ini: 'ini',
  ipynb: 'python', java: 'java', jl: 'julia', js: 'javascript', json: 'json', json5: 'json', jsonc: 'json', jsx: 'javascript',
  kt: 'kotlin', kts: 'kotlin', less: 'less', lisp: 'lisp', lua: 'lua', m: 'objective-c', mjs: 'javascript', ml: 'ocaml',
  mts: 'typescript', nix: 'nix', php: 'php', pl: 'perl', pm: 'perl', proto: 'protobuf', ps1: 'powershell', py: 'python',
  pyi: 'python', r: 'r', rb: 'ruby', rs: 'rust', s: 'assembly', sass: 'sass', scala: 'scala', scss: 'scss', sh: 'shell',
  sol: 'solidity', sql: 'sql', svelte: 'svelte', swift: 'swift', tf: 'hcl', toml: 'toml', ts: 'typescript',
  tsx: 'typescript', vb: 'vb', vue: 'vue', xml: 'xml', yaml: 'yaml', yml: 'yaml', zig: 'zig', zsh: 'shell',
};

const docByExtension: Readonly<Record<string, string>> = {
  adoc: 'asciidoc',
  asciidoc: 'asciidoc',
  markdown: 'markdown',
  md: 'markdown',
  mdx: 'markdown',
  org: 'org',
  rst: 'restructuredtext',
  tex: 'latex',
  txt: 'text',
};

const byName: Readonly<Record<string, string>> = {
  'CMakeLists.txt': 'cmake',
  Dockerfile: 'dockerfile',
  Gemfile: 'ruby',
  Jenkinsfile: 'groovy',
  Makefile: 'make',
  Rakefile: 'ruby',
};

const docNames: ReadonlySet<string> = new Set(['README', 'LICENSE', 'NOTICE', 'CHANGELOG', 'AUTHORS', 'CONTRIBUTING']);

/** By name, then by extension; `unknown` code where neither says anything. */
export function languageOf(filePath: string): Language {
  const name = baseName(filePath);
  const named = ownValue(byName, name);
  if (named !== undefined) return { language: named, type: 'code' };
  if (docNames.has(name)) return { language: 'text', type: 'doc' };
  const dot = name.lastIndexOf('.');
  const extension = dot < 0 ? '' : name.slice(dot + 1).toLowerCase();
  const doc = ownValue(docByExtension, extension);
  if (doc !== undefined) return { language: doc, type: 'doc' };
  return { language: ownValue(byExtension, extension) ?? 'unknown', type: 'code' };
}

const languages: ReadonlySet<string> = new Set([...Object.values(byExtension), ...Object.values(byName)]);

/** The name if it is one of a language of code that is known here, else `unknown`: it may come from inside of a file. */
export function knownLanguage(name: string): string {
  return languages.has(name) ? name : 'unknown';
}
