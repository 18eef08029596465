import { reasons } from '../../../src/api/reasons.ts';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (...path: readonly string[]): string => readFileSync(join(root, ...path), 'utf8');

type Row = { readonly id: string; readonly answer: string; readonly shownBy: string };

/** `| B1 | input | answer | shown by |` */
const rows: readonly Row[] = [...read('docs', 'bad-input.md').matchAll(/^\| (B\d+) \| (.+) \|$/gm)].map(
  ([, id = '', rest = '']) => {
    const [, answer = '', shownBy = ''] = rest.split(' | ');
    return { id, answer, shownBy };
  },
);

const entry = /case `([a-z0-9-]+)`|`(test\/[^`]+\.test\.ts)` "([^"]+)"/g;
const entries = rows.flatMap(({ id, shownBy }) =>
  [...shownBy.matchAll(entry)].map(([text, manifest, file = '', title = '']) => ({ id, text, manifest, file, title })),
);

describe('docs/bad-input.md', () => {
  it('has a row for everything that is refused now', () => {
    const numbers = [
      ...Array.from({ length: 31 }, (_, i) => i + 1),
      35,
      36,
      37,
      38,
      39,
      41,
      42,
      43,
      44,
      45,
      46,
      47,
      48,
      49,
      50,
    ];
    const byNumber = (a: string, b: string): number => Number(a.slice(1)) - Number(b.slice(1));
    expect(rows.map(({ id }) => id).toSorted(byNumber)).toEqual(numbers.map(number => `B${number}`));
  });

  it.each(rows)('says of $id what shows it, and nothing that cannot be read', ({ shownBy }) => {
    expect(shownBy.replace(entry, '*')).toMatch(/^\*(, \*)*$/);
  });

  it.each(rows)('names in $id no reason that does not exist', ({ answer }) => {
    const named = [...answer.matchAll(/`([A-Z][A-Za-z]+)`/g)].map(([, reason = '']) => reason);
    expect(named.filter(reason => !(reason in reasons))).toEqual([]);
  });

  it.each(entries)('shows $id by $text, which is there', ({ manifest, file, title }) => {
    if (manifest !== undefined) expect(existsSync(join(root, 'test', 'cases', 'crd', `${manifest}.yaml`))).toBe(true);
    else expect(read(file)).toContain(title);
  });
});

describe('the product', () => {
  it('reads no YAML of anybody: the API server alone does, and the command line that of whoever runs it', () => {
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(name =>
      name.endsWith('.ts'),
    );
    const readers = sources.filter(name => {
      const found = /import ([^;]*) from '(?:js-yaml|yaml)';/.exec(read('src', name))?.[1];
      return found !== undefined && found !== '{ dump }';
    });
    expect(readers).toEqual(['asking/manifest.ts']);
  });
});
