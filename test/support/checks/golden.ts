import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { dump, loadAll } from 'js-yaml';

/**
 * Expects the objects to be those of test/golden/NAME. With UPDATE_GOLDEN=1 the file is written instead, for a person
 * to look at its diff.
 */
export function golden(name: string, objects: readonly object[]): void {
  const file = join(import.meta.dirname, '..', '..', 'golden', name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    writeFileSync(file, objects.map(object => dump(object, { lineWidth: 120, noRefs: true })).join('---\n'));
  }
  expect(objects).toEqual(loadAll(readFileSync(file, 'utf8')));
}
