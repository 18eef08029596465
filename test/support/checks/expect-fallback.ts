import { expect } from '@jest/globals';

type Shape = Readonly<Record<string, { safeParse: (value: unknown) => { success: boolean; data?: unknown } }>>;

/** What a page says of a variable that is not set holds: `required`, `absent`, `empty`, or the text that would do the same. */
export function expectFallback(shape: Shape, name: string, fallback: string): void {
  const parsed = shape[name]?.safeParse(undefined);
  if (fallback === 'required') {
    expect(parsed?.success).toBe(false);
    return;
  }
  const text = fallback === 'empty' ? '' : fallback.slice(1, -1);
  const data = fallback === 'absent' ? undefined : shape[name]?.safeParse(text).data;
  expect(parsed).toEqual({ success: true, data });
}
