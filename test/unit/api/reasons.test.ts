import { factsOf, isReason, reasons, reasonsThat } from '../../../src/api/reasons.ts';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const src = join(import.meta.dirname, '..', '..', '..', 'src');

describe('the table of reasons', () => {
  const code = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && file !== join('api', 'reasons.ts'))
    .map(file => readFileSync(join(src, file), 'utf8'))
    .join('\n');

  it.each(Object.keys(reasons))('holds %s because something says it', reason => {
    expect(code).toContain(`'${reason}'`);
  });

  it.each(Object.entries(reasons))(
    'says in whole sentences what %s means, and what to do',
    (_reason, { docs, hint }) => {
      for (const text of [docs, hint ?? docs]) expect(text).toMatch(/^\S.{10,}\.$/s);
    },
  );

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', ''])('does not hold the word %p', word => {
    expect(isReason(word)).toBe(false);
    expect(factsOf(word)).toEqual({});
  });

  it('has one reason at most that an exit code alone stands for', () => {
    const codes = reasonsThat('ofExitCode').map(reason => reasons[reason].exitCode);
    expect(codes).not.toContain(undefined);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
