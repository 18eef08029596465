/**
 * The path of exactly one index or alias. Anything that an engine would read as several ("", "_all", "*", "a,b", "-a")
 * is a bug of the caller and throws: `DELETE /` means every index.
 */
export function indexPath(name: string): string {
  if (!/^[^_\-+*,?<>|"\s\\/#:][^*,?<>|"\s\\/#:]*$/.test(name)) {
    throw new Error(`expected the name of one index or alias, got ${JSON.stringify(name)}`);
  }
  return `/${encodeURIComponent(name)}`;
}

/** Does an index name match a comma-separated expression with `*`? Unlike an engine, this never looks through aliases. */
export function matchesPattern(name: string, pattern: string): boolean {
  return pattern.split(',').some(part => globOf(part).test(name));
}

function globOf(part: string): RegExp {
  const literals = part.split('*').map(literal => literal.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${literals.join('.*')}$`, 's');
}
