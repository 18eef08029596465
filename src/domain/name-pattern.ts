/** Does an index name match a comma-separated expression with `*`? Unlike an engine, this never looks through aliases. */
export function matchesPattern(name: string, pattern: string): boolean {
  return pattern.split(',').some(part => globOf(part).test(name));
}

function globOf(part: string): RegExp {
  const literals = part.split('*').map(literal => literal.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${literals.join('.*')}$`, 's');
}
