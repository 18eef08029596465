import { z } from 'zod';
import { knownLanguage, type Language } from '../syntax/language.ts';

const source = z.union([z.string(), z.array(z.string())]);
const cell = z.object({ cell_type: z.string(), source });
/** As far as it is read: cells, and which language they are in. Outputs are left out. Format 4; older ones are JSON. */
const notebook = z.object({
  cells: z.array(cell),
  metadata: z
    .object({
      kernelspec: z
        .object({ language: z.string().optional().catch(undefined) })
        .optional()
        .catch(undefined),
      language_info: z
        .object({ name: z.string().optional().catch(undefined) })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});

/** What kernels call their languages, where we have another name. */
const languageNames: ReadonlyMap<string, string> = new Map([
  ['bash', 'shell'],
  ['c#', 'csharp'],
  ['c++', 'cpp'],
  ['c++11', 'cpp'],
  ['c++14', 'cpp'],
  ['c++17', 'cpp'],
  ['f#', 'fsharp'],
  ['ipython', 'python'],
  ['python3', 'python'],
]);
const slashComments: ReadonlySet<string> = new Set(
  'c cpp csharp fsharp go groovy java javascript kotlin rust scala swift typescript'.split(' '),
);

/**
 * A Jupyter notebook as a script: its code as it is, everything else as comments, each cell below a line `# %%` as editors
 * write it. So its cells are cut and described as code is, and lines count in the script. Undefined for what is no notebook.
 */
export function notebookOf(
  filePath: string,
  text: string,
): { readonly text: string; readonly language: Language } | undefined {
  if (!/\.ipynb$/i.test(filePath)) return undefined;
  const found = notebook.safeParse(parsed(text));
  if (!found.success) return { text, language: { language: 'json', type: 'code' } };
  const { cells, metadata } = found.data;
  const named = (metadata?.kernelspec?.language ?? metadata?.language_info?.name ?? 'python').toLowerCase();
  const language = languageNames.get(named) ?? knownLanguage(named);
  const comment = slashComments.has(language) ? '//' : '#';
  const script = cells.map(({ cell_type: kind, source: lines }) =>
    kind === 'code' ? codeCell(joined(lines), language, comment) : proseCell(joined(lines), kind, comment),
  );
  return { text: script.join('\n'), language: { language, type: 'code' } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Text of a cell with LF line ends and one at its end. */
function joined(lines: z.infer<typeof source>): string {
  const text = (typeof lines === 'string' ? lines : lines.join('')).toWellFormed().replaceAll(/\r\n?/g, '\n');
  return text.endsWith('\n') || text === '' ? text : `${text}\n`;
}

/** Commands to the kernel of Python (`%matplotlib inline`, `!pip install`) are no Python. */
const kernelCommand = /^(?=[ \t]*(?:%%?[a-z]|!))/gim;

function codeCell(text: string, language: string, comment: string): string {
  return `${comment} %%\n${language === 'python' ? text.replace(kernelCommand, `${comment} `) : text}`;
}

function proseCell(text: string, kind: string, comment: string): string {
  const name = kind === 'markdown' ? kind : 'raw';
  return `${comment} %% [${name}]\n${text.replaceAll(/[^\n]*\n/g, `${comment} $&`)}`;
}
