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
