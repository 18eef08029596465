import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const names = ['reindeer', 'kubectl-reindeer', 'kubectl_complete-reindeer'];

describe('the names of the program', () => {
  it('are those that kubectl looks for, in the package and in the image', () => {
    const { bin } = JSON.parse(read('package.json')) as { readonly bin: Readonly<Record<string, string>> };
    expect(bin).toEqual(Object.fromEntries(names.map(name => [name, 'dist/reindeer.js'])));
    expect(/for name in ([^;]*);/.exec(read('Dockerfile'))?.[1]?.split(' ')).toEqual(names);
  });
});
