import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { load } from 'js-yaml';
import { crdOf, kinds } from '../../../src/api/crd.ts';
import { crdFiles, generatedFiles } from '../../../src/api/generated-files.ts';

const root = join(import.meta.dirname, '..', '..', '..');

describe('generated files', () => {
  it.each(generatedFiles())('$path is current', ({ path, content }) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(content);
  });

  it('read back as the very objects that were written', () => {
    expect(crdFiles().map(({ content }) => load(content))).toEqual(kinds.map(crdOf));
  });
});
