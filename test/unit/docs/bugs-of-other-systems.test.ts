import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (...path: readonly string[]): string => readFileSync(join(root, ...path), 'utf8');

/** `| bug | our rule | shown by |` */
const rows = read('docs', 'bugs-of-other-systems.md')
  .split('\n')
  .filter(line => line.startsWith('| ') && !line.startsWith('| Bug |'))
  .map(line => line.slice(2, -2).split(' | '))
  .map(([bug = '', rule = '', shownBy = '']) => ({ bug, rule, shownBy }));

const entry = /`(test\/[^`]+\.test\.ts)` "([^"]+)"/g;

describe('docs/bugs-of-other-systems.md', () => {
  it('has a row for each bug that touches rebuilds, locks, switches and clean-up', () => {
    expect(rows.length).toBeGreaterThan(25);
  });

  it.each(rows)('shows by tests that are there: $bug', ({ rule, shownBy }) => {
    expect(rule).not.toBe('');
    expect(shownBy.replace(entry, '*')).toMatch(/^\*(, \*)*$/);
    for (const [, file = '', title = ''] of shownBy.matchAll(entry)) expect(read(file)).toContain(title);
  });
});
