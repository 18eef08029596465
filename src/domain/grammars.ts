/** Which grammars there are, and what each file of them must be: part of how text is cut, so of `chunkerHash`. */

/** A file of a pinned package. The build copies it beside the compiled code; from source it is read where npm put it. */
export type GrammarFile = { readonly package: string; readonly file: string; readonly sha256: string };

const collection = '@vscode/tree-sitter-wasm';

const inCollection = (file: string, sha256: string): GrammarFile => ({
  package: collection,
  file: `wasm/${file}.wasm`,
  sha256,
});

/** A new version of a package brings other files: its checksums are entered here, and every version is then rebuilt. */
export const grammarFiles = {
  c: {
    package: 'tree-sitter-c',
    file: 'tree-sitter-c.wasm',
    sha256: 'c852c2a85ebf2beb636aa3b0ef7f7e70458684d74f6741b20dcb296885bed9f9',
  },
  cpp: inCollection('tree-sitter-cpp', '77a65bd42f43c2dcd69af40c12a6c32d6ed81d360c025e9feb28911f8339fd69'),
  csharp: inCollection('tree-sitter-c-sharp', 'd12d85996c25957b4c1b71e26db2d7cc8a294997b60642e9c2a3b031b2c66dd3'),
  go: inCollection('tree-sitter-go', '9504573f352b20be7f2f1911754d710622aedc15afff16d5ed8fb5645681aee7'),
  java: inCollection('tree-sitter-java', '4fdeac4ca6ca089f06c6f7e562abcac1733cd465728cc7031ebb73c2019122c4'),
  javascript: inCollection(
    'tree-sitter-javascript',
    '5fb488d0cabb4775a594bab85682de5ad6ce83c0d6ac997a9f82dd084d571240',
  ),
  python: inCollection('tree-sitter-python', '16108b50df4ee9a30168794252ab55e7c93bfc5765d7fa0aa3e335752c515f47'),
  ruby: inCollection('tree-sitter-ruby', '09a96427d7c72f0613ed470cd9812223fc4a91d6a9c025c0235cc6bd59ff96f4'),
  rust: inCollection('tree-sitter-rust', '0dac14947cb04d94466e3df659f80a4e264c216a60b3eda175eae4cf12ed7a8d'),
  tsx: inCollection('tree-sitter-tsx', '79e5da75ea62855a0cd67177685f0164eac87d5f630b3cbe1e0a099751ad30f8'),
  typescript: inCollection(
    'tree-sitter-typescript',
    '778025db5a8be0e70f8ccc3671e486dfeddd048c25d9e8a70c26de2e1bf6f97d',
  ),
} as const satisfies Readonly<Record<string, GrammarFile>>;

export type GrammarName = keyof typeof grammarFiles;

/** The program that runs the grammars: another one may recover from an error in another way. */
export const parserRuntime: GrammarFile = {
  package: 'web-tree-sitter',
  file: 'web-tree-sitter.wasm',
  sha256: 'beca80e44cccbf2299ed4d1e3fa6462a9a6fe818aeebf847547a392227ce4acc',
};
