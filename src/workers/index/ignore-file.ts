import picomatch from 'picomatch';

/** What one line of an ignore file says. */
type Rule = { readonly ignore: boolean; readonly matches: (path: string) => boolean };

/**
 * Reads a file in the syntax of `.gitignore` and answers which files it leaves out. The last line that matches wins; `!`
 * takes a file back in, also below a folder that an earlier line left out.
 */
export function parseIgnoreFile(text: string): (filePath: string) => boolean {
  const rules = text.split(/\r?\n/).flatMap(ruleOf);
  if (rules.length === 0) return () => false;
  return filePath => rules.findLast(rule => rule.matches(filePath))?.ignore ?? false;
}

function ruleOf(line: string): readonly Rule[] {
  const pattern = line.replace(/(?<!\\)\s+$/, '');
  if (pattern === '' || pattern.startsWith('#')) return [];
  const ignore = !pattern.startsWith('!');
  const body = (ignore ? pattern : pattern.slice(1)).replace(/^\\(?=[#!])/, '');
  const folderOnly = body.endsWith('/');
  const bare = folderOnly ? body.slice(0, -1) : body;
  // A slash anywhere but at the end ties the pattern to the root of the repository.
  const anchored = bare.includes('/');
  const glob = `${anchored ? '' : '**/'}${bare.replace(/^\//, '')}`;
  const globs = folderOnly ? [`${glob}/**/*`] : [glob, `${glob}/**`];
  return [{ ignore, matches: picomatch(globs, { dot: true, nonegate: true, nobrace: true, noextglob: true }) }];
}
