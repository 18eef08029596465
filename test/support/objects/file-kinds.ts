import type { FileChange } from '../real/a-repository.ts';

/** What a file document is expected to say: indexed, with this text (LF, no mark), or skipped for this reason; or none. */
export type Expected =
  | { readonly is: 'indexed'; readonly text: string; readonly encoding?: string; readonly eol?: string }
  | { readonly is: 'skipped'; readonly reason: string }
  | { readonly is: 'left out' };

/** One file of a kind. `path` is as in `Changes`; `mark` makes path and content differ from others of the kind. */
export type FileOfKind = { readonly path: string; readonly change: FileChange; readonly expected: Expected };

/** Files above this are too large, for whoever uses the table below: 4 MiB, so that 2000 pieces fit. */
export const kindsMaxFileBytes = 4 * 1024 * 1024;

/** The attributes that the table counts on. */
export const kindsAttributes = 'made/** linguist-generated\nthird/** linguist-vendored=true\n';

const indexed = (text: string, encoding = 'utf-8', eol = 'lf'): Expected => ({ is: 'indexed', text, encoding, eol });
const skipped = (reason: string): Expected => ({ is: 'skipped', reason });

/** Words that nothing else says, on so many lines. */
export const linesOf = (mark: string, count = 3): string =>
  Array.from({ length: count }, (_, i) => `const line${i} = '${mark}';\n`).join('');

function bigEndian(text: string): Buffer {
  return Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
}

/** UTF-32, little-endian, of characters that fit in two bytes. */
function fourBytesEach(text: string): Buffer {
  return Buffer.concat(Array.from(text, char => Buffer.concat([Buffer.from(char, 'utf16le'), Buffer.alloc(2)])));
}

/** Folders of one letter each up to so many bytes. */
const deep = (bytes: number): string => 'd/'.repeat(Math.floor(bytes / 2));
/** Folders of 200 bytes each, no name longer than a file system takes. */
const long = (letter: string, bytes: number): string => `${letter.repeat(200)}/`.repeat(Math.floor(bytes / 201));

const plain = (path: string, mark: string): FileOfKind => ({
  path,
  change: linesOf(mark),
  expected: indexed(linesOf(mark)),
});
const skip = (path: string, change: FileChange, reason: string): FileOfKind => ({
  path,
  change,
  expected: skipped(reason),
});

/** Every kind of file that a tree can hold, and what becomes of it. */
export const fileKinds = {
  'plain text': mark => plain(`src/${mark}.ts`, mark),
  'a text of many pieces': mark => ({
    path: `src/${mark}-long.ts`,
    change: linesOf(mark, 400),
    expected: indexed(linesOf(mark, 400)),
  }),
  executable: mark => ({
    path: `bin/${mark}.sh`,
    change: { executable: linesOf(mark) },
    expected: indexed(linesOf(mark)),
  }),
  'an empty file': mark => ({ path: `empty/${mark}.txt`, change: '', expected: indexed('', 'utf-8', 'none') }),
  CRLF: mark => ({
    path: `dos/${mark}.txt`,
    change: linesOf(mark).replaceAll('\n', '\r\n'),
    expected: indexed(linesOf(mark), 'utf-8', 'crlf'),
  }),
  'mixed line ends': mark => ({
    path: `dos/${mark}-mixed.txt`,
    change: `${mark}\r\nb\nc\r\n`,
    expected: indexed(`${mark}\nb\nc\n`, 'utf-8', 'mixed'),
  }),
  'UTF-8 with a byte order mark': mark => ({
    path: `text/${mark}-bom.txt`,
    change: `\ufeff${linesOf(mark)}`,
    expected: indexed(linesOf(mark), 'utf-8-bom'),
  }),
  'UTF-16 LE': mark => ({
    path: `text/${mark}-le.txt`,
    change: Buffer.from(`\ufeffgrün ${mark}\n`, 'utf16le'),
    expected: indexed(`grün ${mark}\n`, 'utf-16le'),
  }),
  'UTF-16 BE': mark => ({
    path: `text/${mark}-be.txt`,
    change: bigEndian(`grün ${mark}\n`),
    expected: indexed(`grün ${mark}\n`, 'utf-16be'),
  }),
  'UTF-16 with half a pair': mark =>
    skip(`text/${mark}-half.txt`, Buffer.from(`\ufeff${mark}\ud800\n`, 'utf16le'), 'binary'),
  'windows-1252': mark => ({
    path: `text/${mark}-1252.txt`,
    change: Buffer.from(`caf\xe9 \x80 ${mark}\n`, 'latin1'),
    expected: indexed(`café € ${mark}\n`, 'windows-1252'),
  }),
  binary: mark => skip(`img/${mark}.png`, Buffer.from(`\x89PNG\0${mark}`, 'latin1'), 'binary'),
  'an LFS pointer': mark =>
    skip(
      `img/${mark}.psd`,
      `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize ${mark.length}\n`,
      'lfs-pointer',
    ),
  'a lone CR as line end': mark => ({
    path: `mac/${mark}.txt`,
    change: linesOf(mark).replaceAll('\n', '\r'),
    expected: indexed(linesOf(mark), 'utf-8', 'cr'),
  }),
  'UTF-32 LE': mark => ({
    path: `text/${mark}-32.txt`,
    change: fourBytesEach(`\ufeffgrün ${mark}\n`),
    expected: indexed(`grün ${mark}\n`, 'utf-32le'),
  }),
  'UTF-16 with U+0000': mark => skip(`text/${mark}-nul.txt`, Buffer.from(`\ufeff${mark}\0\n`, 'utf16le'), 'binary'),
  GBK: mark => ({
    path: `text/${mark}-gbk.txt`,
    change: Buffer.from(`${'\xd5\xe2\xb8\xf6\xba\xaf\xca\xfd '.repeat(4)}${mark}\n`, 'latin1'),
    expected: indexed(`${'这个函数 '.repeat(4)}${mark}\n`, 'gb18030'),
  }),
  'an alphabet that nobody knows': mark =>
    skip(
      `text/${mark}-el.txt`,
      Buffer.from(`${'\xf3\xf5\xed\xdc\xf1\xf4\xe7\xf3\xe7 '.repeat(20)}${mark}\n`, 'latin1'),
      'encoding',
    ),
  'a PDF without a NUL': mark => skip(`docs/${mark}.pdf`, `%PDF-1.7\n% ${mark}\n`, 'binary'),
  'a notebook': mark => ({
    path: `notes/${mark}.ipynb`,
    change: JSON.stringify({
      cells: [
        { cell_type: 'markdown', source: [`About ${mark}`] },
        { cell_type: 'code', source: `mark = '${mark}'\n`, outputs: [{ text: 'not this' }] },
      ],
    }),
    expected: indexed(`# %% [markdown]\n# About ${mark}\n\n# %%\nmark = '${mark}'\n`, 'utf-8', 'none'),
  }),
  minified: mark => skip(`web/${mark}.js`, `var ${mark.replaceAll('-', '_')}=1;`.repeat(2000), 'minified'),
  'a huge line among short ones': mark => ({
    path: `web/${mark}.ts`,
    change: `${linesOf(mark, 1000)}/*${'A'.repeat(25_000)}*/\n`,
    expected: indexed(`${linesOf(mark, 1000)}/*${'A'.repeat(498)}…${'A'.repeat(498)}*/\n`),
  }),
  'a paragraph in one long line': mark => ({
    path: `docs/${mark}.md`,
    change: `${'words '.repeat(4000)}${mark}\n`,
    expected: indexed(`${'words '.repeat(4000)}${mark}\n`),
  }),
  'more than 2000 pieces': mark =>
    skip(`data/${mark}.txt`, `${`${mark}${'y'.repeat(300)} `.repeat(1)}\n`.repeat(11_000), 'too-many-chunks'),
  'too large': mark => skip(`data/${mark}.big`, `${mark}\n`.repeat(kindsMaxFileBytes / mark.length), 'too-large'),
  generated: mark => skip(`made/${mark}.ts`, linesOf(mark), 'generated'),
  vendored: mark => skip(`third/${mark}.ts`, linesOf(mark), 'vendored'),
  'a lock file': mark => skip(`${mark}/package-lock.json`, `{"name": "${mark}"}\n`, 'lock-file'),
  'a secret-like name': mark => skip(`${mark}/.env`, `PASSWORD=${mark}\n`, 'secret-like'),
  'a link to a file of the machine': mark => skip(`links/${mark}`, { link: '/etc/hostname' }, 'symlink'),
  'a link to the folder above': mark => skip(`links/${mark}-up`, { link: '..' }, 'symlink'),
  'a submodule': mark =>
    skip(`modules/${mark}`, { submodule: Buffer.from(mark).toString('hex').padEnd(40, '0').slice(0, 40) }, 'submodule'),
  'a path with a line end': mark => plain(`odd/${mark}\nend\t.ts`, mark),
  'a path with quotes': mark => plain(`odd/"${mark}" 'it' \\back ü\u{1f600}.ts`, mark),
  'a path with percent signs': mark => plain(`odd/${mark}%25%FF.ts`, mark),
  'a path of invalid UTF-8': mark => plain(`latin1:odd/${mark}-caf\xe9\xff.ts`, mark),
  'a path of 4 kB': mark => plain(`${long('p', 4000)}${mark}.ts`, mark),
  'a path of 4 kB of invalid UTF-8': mark => plain(`latin1:${long('\xe9', 4000)}${mark}.ts`, mark),
  'a path of 40 kB': mark => ({ ...plain(`${long('p', 40_000)}${mark}.ts`, mark), expected: { is: 'left out' } }),
  'a path of 2000 folders': mark => plain(`${deep(4000)}${mark}.ts`, mark),
} as const satisfies Readonly<Record<string, (mark: string) => FileOfKind>>;

export type FileKind = keyof typeof fileKinds;
