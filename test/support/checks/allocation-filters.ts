import type { Engine } from '../../../src/engine/port.ts';

const filters = 'index.routing.allocation.';

/** Filters of allocation that versions of an alias carry, and notes of those that are to be taken back, each as a line. */
export async function filtersOf({ indices }: Pick<Engine, 'indices'>, alias: string): Promise<readonly string[]> {
  const found = await indices.describe(`${alias}-v*`);
  return found.flatMap(({ name, settings, meta }) => [
    ...Object.entries(settings)
      .filter(([key]) => key.startsWith(filters) && !key.includes('_tier'))
      .map(([key, value]) => `${name} ${key.slice(filters.length)} ${value}`),
    ...('keptOff' in meta ? [`${name} is kept off`] : []),
  ]);
}
