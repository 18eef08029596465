import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..', '..');
const page = readFileSync(join(root, 'docs', 'dependencies.md'), 'utf8');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

type Manifest = Readonly<
  Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Readonly<Record<string, string>>>
>;

/** Package and licence of each row of a table. */
function rowsUnder(heading: string): Readonly<Record<string, string>> {
  const section = page.split(/^## /m).find(text => text.startsWith(`${heading}\n`)) ?? '';
  const rows = section.matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm);
  return Object.fromEntries([...rows].map(([, name = '', licence = '']) => [name, licence]));
}

function licenceOf(name: string): string {
  const text = readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly license: string }).license;
}

describe('docs/dependencies.md', () => {
  it.each([
    ['At run time', manifest.dependencies],
    ['To develop and test', manifest.devDependencies],
    ['Optional', manifest.optionalDependencies],
  ])('names under "%s" every package of package.json and no other', (heading, packages) => {
    expect(Object.keys(rowsUnder(heading)).sort()).toEqual(Object.keys(packages).sort());
  });

  it('names the licence that each package that is always there declares', () => {
    for (const heading of ['At run time', 'To develop and test']) {
      for (const [name, licence] of Object.entries(rowsUnder(heading)))
        expect([name, licenceOf(name)]).toEqual([name, licence]);
    }
  });

  it('has only exact versions to speak of', () => {
    const versions = [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies].flatMap(
      Object.values,
    );
    for (const version of versions) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
