import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..', '..');
const pages = [
  ...readdirSync(root).filter(name => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => join('docs', name)),
];

/** Files that a page links to, without the place within them. */
function linksOf(page: string): readonly string[] {
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/^```.*?^```$/gms, '');
  return [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
    .map(([, target = '']) => target)
    .filter(target => !/^[a-z]+:/.test(target));
}

describe('the pages', () => {
  it.each(pages)('%s links to nothing that is not there', page => {
    expect(linksOf(page).filter(target => !existsSync(join(root, dirname(page), target)))).toEqual([]);
  });

  it('of docs are all reached from the README, itself or by way of another', () => {
    const reached = new Set<string>();
    const follow = (page: string): void => {
      if (reached.has(page)) return;
      reached.add(page);
      for (const target of linksOf(page)) {
        const next = join(dirname(page), target);
        if (pages.includes(next)) follow(next);
      }
    };
    follow('README.md');
    expect(pages.filter(page => /^docs\/[^/]+\.md$/.test(page) && !reached.has(page))).toEqual([]);
  });
});
