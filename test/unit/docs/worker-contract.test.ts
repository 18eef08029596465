import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { exitCodes } from '../../../src/api/exit-codes.ts';
import {
  terminalExitCodes,
  terminationMessageMaxBytes,
  workerEnvironment,
  workerResult,
} from '../../../src/work/contract.ts';
import { expectFallback } from '../../support/checks/expect-fallback.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'worker-contract.md'), 'utf8');

/** Cells of the rows whose first cell is in this form. */
function rows(first: RegExp): readonly (readonly string[])[] {
  const cells = page.split('\n').map(line =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  );
  return cells.filter(([cell = '']) => first.test(cell));
}

const variables = rows(/^`[A-Z_]+`$/).map(([name = '', fallback = '']) => [name.slice(1, -1), fallback] as const);
const { shape } = workerEnvironment;

describe('docs/worker-contract.md', () => {
  it('names every variable of the contract and no other', () => {
    expect(variables.map(([name]) => name).toSorted()).toEqual(Object.keys(shape).toSorted());
  });

  it.each(variables)('says of %s what it is when nobody sets it: %s', (name, fallback) => {
    expectFallback(shape, name, fallback);
  });

  it('names every exit code, and which of them end the Job', () => {
    const codes = rows(/^\d+$/).map(([code, , then]) => [Number(code), then === 'ends the Job'] as const);
    expect(codes.map(([code]) => code)).toEqual(Object.values(exitCodes));
    expect(codes.filter(([, ends]) => ends).map(([code]) => code)).toEqual(terminalExitCodes);
  });

  it('names every field of the termination message, and how long it may be', () => {
    expect(
      rows(/^`[a-z]+`$/i)
        .map(([name = '']) => name.slice(1, -1))
        .filter(name => name in workerResult.shape),
    ).toEqual(Object.keys(workerResult.shape));
    expect(page).toContain(`at most ${terminationMessageMaxBytes} bytes`);
  });
});
