import { createHash } from 'node:crypto';

/** Engines take 20 objects within each other, each of two levels. The API server lets ten thousand through: too deep to walk. */
export const deepest = 64;

/** 16 hexadecimal digits: the same for the same declaration, in whatever order its keys stand, absent ones left out. */
export function declarationHash(value: object): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, 16);
}

/** What is too deep to be built counts as one and the same. */
function canonical(value: unknown, levels = deepest): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (levels === 0) return '{}';
  if (Array.isArray(value)) return `[${value.map(inner => canonical(inner, levels - 1)).join(',')}]`;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner, levels - 1)}`).join(',')}}`;
}
