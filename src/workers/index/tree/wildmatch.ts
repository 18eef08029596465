/** Whether a text (one character per byte) is named by a pattern. */
export type Glob = (text: string) => boolean;

/** `one` matches a character, never a slash; `name` any of them but slashes; `any` all; `folders` nothing, or up to a slash. */
type Token =
  | { readonly is: 'literal'; readonly character: string }
  | { readonly is: 'one'; readonly matches: (code: number) => boolean }
  | { readonly is: 'name' | 'any' | 'folders' };

/**
 * A pattern as Git's own matcher reads it: `*` and `?` stay within a folder, `**` between slashes does not, brackets name
 * characters, also by POSIX class, a backslash takes the next character as it is. Undefined for one that matches nothing. A
 * pattern for names is not asked about slashes.
 */
export function parseGlob(pattern: string, by: 'name' | 'path'): Glob | undefined {
  const literal = /^[^*?[\\]*/.exec(pattern)?.[0] ?? '';
  if (literal.length === pattern.length) return pattern === '' ? undefined : text => text === pattern;
  if (by === 'name' && /^\*[^*?[\\]*$/.test(pattern)) {
    const end = pattern.slice(1);
    return text => text.endsWith(end);
  }
  // What stands before the first wildcard is compared by itself: to Git, `a**/b` is `a`, and then `**/b`.
  const start = by === 'path' ? literal : '';
  const tokens = tokensOf(pattern.slice(start.length));
  return tokens && (text => text.startsWith(start) && isMatch(tokens, text, start.length));
}

function tokensOf(pattern: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length;) {
    const character = pattern[at] as string; // within the length
    if (character === '*') {
      const [token, end] = stars(pattern, at);
      tokens.push(token);
      at = end;
    } else if (character === '?') {
      tokens.push({ is: 'one', matches: () => true });
      at += 1;
    } else if (character === '[') {
      const bracket = bracketAt(pattern, at);
      if (bracket === undefined) return undefined;
      tokens.push({ is: 'one', matches: bracket.matches });
      at = bracket.end;
    } else {
      const escaped = character === '\\' ? pattern[at + 1] : character;
      if (escaped === undefined) return undefined;
      tokens.push({ is: 'literal', character: escaped });
      at += character === '\\' ? 2 : 1;
    }
  }
  return tokens;
}

/** Two stars or more mean folders only where they stand alone between slashes. */
function stars(pattern: string, at: number): readonly [Token, number] {
  let end = at;
  while (pattern[end] === '*') end += 1;
  const isAlone = end - at > 1 && (at === 0 || pattern[at - 1] === '/') && /^(?:\\?\/|$)/.test(pattern.slice(end));
  if (!isAlone) return [{ is: 'name' }, end];
  return pattern[end] === '/' ? [{ is: 'folders' }, end + 1] : [{ is: 'any' }, end];
}

/**
 * Tries each place in turn, and goes back to the last wildcard only: what an earlier one could take instead, the later one can
 * take as well. So a pattern costs at most its length times that of the text for each `**`, whoever wrote it.
 */
function isMatch(tokens: readonly Token[], text: string, from: number): boolean {
  let name: { token: number; at: number } | undefined;
  let wide: { token: number; at: number } | undefined;
  let token = 0;
  let at = from;
  for (;;) {
    const wanted = tokens[token];
    if (wanted === undefined ? at === text.length : wanted.is !== 'literal' && wanted.is !== 'one') {
      if (wanted === undefined) return true;
      token += 1;
      if (wanted.is === 'name') {
        name = { token, at };
      } else {
        wide = { token, at };
        name = undefined;
      }
      continue;
    }
    if (wanted !== undefined && at < text.length && isStep(wanted, text, at)) {
      token += 1;
      at += 1;
      continue;
    }
    if (name !== undefined && name.at < text.length && text[name.at] !== '/') {
      name.at += 1;
      ({ token, at } = name);
    } else if (wide !== undefined && wide.at < text.length) {
      name = undefined;
      const next = tokens[wide.token - 1]?.is === 'folders' ? text.indexOf('/', wide.at) : wide.at;
      if (next < 0) return false;
      wide.at = next + 1;
      ({ token, at } = wide);
    } else {
      return false;
    }
  }
}

function isStep(wanted: Token, text: string, at: number): boolean {
  if (wanted.is === 'literal') return wanted.character === text[at];
  return wanted.is === 'one' && text[at] !== '/' && wanted.matches(text.charCodeAt(at));
}

const posixClasses: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

type Bracket = { readonly matches: (code: number) => boolean; readonly end: number };

/** The characters that `[...]` names, read member by member as Git does; undefined where it never ends. */
function bracketAt(pattern: string, start: number): Bracket | undefined {
  const isNegated = /[!^]/.test(pattern[start + 1] ?? '');
  const members = new Set<number>();
  let at = start + (isNegated ? 2 : 1);
  /** What a range may begin with. */
  let before: number | undefined;
  do {
    const posix = /^\[:([^\]]*):\]/.exec(pattern.slice(at, at + longestClass));
    if (pattern[at] === '-' && before !== undefined && at + 1 < pattern.length && pattern[at + 1] !== ']') {
      const last = memberAt(pattern, at + 1);
      if (last === undefined) return undefined;
      for (let code = before; code <= last.code; code += 1) members.add(code);
      before = undefined;
      at = last.end;
    } else if (posix !== null) {
      const named = Object.hasOwn(posixClasses, posix[1] ?? '') ? posixClasses[posix[1] ?? ''] : undefined;
      if (named === undefined) return undefined;
      for (let code = 0; code < 128; code += 1) if (named.test(String.fromCharCode(code))) members.add(code);
      before = undefined;
      at += posix[0].length;
    } else {
      const member = memberAt(pattern, at);
      if (member === undefined) return undefined;
      members.add(member.code);
      before = member.code;
      at = member.end;
    }
    if (at >= pattern.length) return undefined;
  } while (pattern[at] !== ']');
  return { matches: code => members.has(code) !== isNegated, end: at + 1 };
}

/** More than any class is called. */
const longestClass = 100;

/** A character of a bracket, behind a backslash or not. */
function memberAt(pattern: string, at: number): { readonly code: number; readonly end: number } | undefined {
  const place = pattern[at] === '\\' ? at + 1 : at;
  return place < pattern.length ? { code: pattern.charCodeAt(place), end: place + 1 } : undefined;
}
