import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { reasons } from '../../../src/api/meta.ts';

const src = join(import.meta.dirname, '..', '..', '..', 'src');

describe('the table of reasons', () => {
  const code = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && file !== join('api', 'meta.ts'))
    .map(file => readFileSync(join(src, file), 'utf8'))
    .join('\n');

  it.each(Object.keys(reasons))('holds %s because something says it', reason => {
    expect(code).toContain(`'${reason}'`);
  });

  it.each(Object.entries(reasons))('says in a whole sentence what %s means', (_reason, meaning) => {
    expect(meaning).toMatch(/^\S.{10,}\.$/s);
  });
});
