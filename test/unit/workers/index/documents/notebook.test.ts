import { describe, expect, it } from '@jest/globals';
import { textOf } from '../../../../../src/workers/index/documents/documents.ts';
import { notebookOf } from '../../../../../src/workers/index/documents/notebook.ts';

const cells = [
  { cell_type: 'markdown', source: ['# Sums\n', '\n', 'of *numbers*'] },
  { cell_type: 'code', source: '%matplotlib inline\n!pip install x\ndef total(a):\n    return a % 2', outputs: [{ text: 'c4nary' }] },
  { cell_type: 'code', source: [], outputs: [] },
]; // prettier-ignore
const notebook = (metadata: object = {}, more: object = {}): string =>
  JSON.stringify({ nbformat: 4, metadata, cells, ...more });

describe('a notebook', () => {
  it('is a script of its cells, without what they printed', () => {
    expect(notebookOf('a/Sums.ipynb', notebook())).toEqual({
      language: { language: 'python', type: 'code' },
      text: [
        '# %% [markdown]\n# # Sums\n# \n# of *numbers*\n',
        '# %%\n# %matplotlib inline\n# !pip install x\ndef total(a):\n    return a % 2\n',
        '# %%\n',
      ].join('\n'),
    });
  });

  it.each<[string, object, string]>([
    ['of its kernel', { kernelspec: { language: 'julia' } }, 'julia'],
    ['that it says itself', { language_info: { name: 'R' } }, 'r'],
    ['under the name that it has here', { kernelspec: { language: 'C++17' } }, 'cpp'],
    ['that nobody knows', { kernelspec: { language: 'x'.repeat(40_000) } }, 'unknown'],
    ['that is no text', { kernelspec: { language: 7 } }, 'python'],
    ['of an object', { kernelspec: { language: 'constructor' } }, 'unknown'],
  ])('is in the language %s', (_, metadata, language) => {
    expect(notebookOf('a.ipynb', notebook(metadata))?.language).toEqual({ language, type: 'code' });
  });

  it('comments its prose as its language does', () => {
    expect(notebookOf('a.ipynb', notebook({ kernelspec: { language: 'rust' } }))?.text).toMatch(
      /^\/\/ %% \[markdown\]\n\/\/ # /,
    );
  });

  it.each(['', '{', '[]', 'null', '{"cells": 1}', '{"cells": [{"cell_type": "code"}]}', '['.repeat(100_000)])(
    'is JSON when it is none: %.20s',
    text => {
      expect(notebookOf('a.ipynb', text)).toEqual({ text, language: { language: 'json', type: 'code' } });
    },
  );

  it('is read so by its name alone', () => {
    expect(notebookOf('a.json', notebook())).toBeUndefined();
    const found = textOf('a.ipynb', Buffer.from(notebook({}, { big: 'x'.repeat(100_000) })));
    expect(found).toMatchObject({ is: 'text', text: expect.stringContaining('def total') });
  });
});
