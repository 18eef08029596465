const longestAlias = 180;

/**
 * Why this text cannot be an alias, or undefined when it can. The same rules as `spec.alias` of an IndexedRepo: short
 * enough for a version suffix, and never looking like a version.
 */
export function aliasProblem(alias: string): string | undefined {
  if (alias === '') return 'is empty';
  if (alias.length > longestAlias) return `has ${alias.length} characters, at most ${longestAlias} are allowed`;
  if (!/^[a-z0-9]/.test(alias)) return 'must start with a lower-case letter or a digit';
  if (!/^[a-z0-9._-]*$/.test(alias)) return 'may only hold lower-case letters, digits, ".", "_" and "-"';
  if (/-v[0-9]+(_[a-z0-9_]+)?$/.test(alias)) {
    return 'ends like the name of a version (-v1): versions are named ALIAS-vN';
  }
  return undefined;
}

/** The alias that a repository gets when none is given: the last part of its path or URL, made fit; '' if nothing is left. */
export function aliasFromRepository(repository: string): string {
  const last =
    repository
      .replace(/[/\\]+$/, '')
      .split(/[/\\:]/)
      .at(-1) ?? '';
  const fit = last
    .replace(/\.git$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|[-.]+$/g, '');
  return aliasProblem(fit) === undefined ? fit : '';
}

/**
 * Splits `REPO[:ALIAS]` at the last colon, but only where a valid alias follows: ports, scp-like remotes and drive
 * letters hold colons of their own. `git@host:name` is a remote without an alias, as is `https://host:8443`.
 */
export function splitRepositoryArgument(argument: string): { readonly repository: string; readonly alias: string } {
  const colon = argument.lastIndexOf(':');
  const before = argument.slice(0, colon);
  const after = argument.slice(colon + 1);
  if (colon > 0 && aliasProblem(after) === undefined && isWholeRepository(before)) {
    return { repository: before, alias: after };
  }
  return { repository: argument, alias: aliasFromRepository(argument) };
}

/** False where the colon that was cut off belongs to the repository itself: `https`, `https://host`, `git@host`. */
function isWholeRepository(text: string): boolean {
  if (text.includes('://')) return /^[a-z+]+:\/\/[^/]+\/./i.test(text);
  return !/^[^/\\:]+@[^/\\:]+$/.test(text);
}
