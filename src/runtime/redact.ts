/** Hides secrets in text that leaves the process: log lines, events, conditions, termination messages. */
export type Redactor = {
  /** From now on this exact value is replaced wherever it occurs. Shorter than 4 characters would garble everything and is ignored. */
  hide(secret: string): void;
  /** The text without hidden values, authorization credentials and passwords in URLs. */
  redact(text: string): string;
};

const mark = '[redacted]';
const shortestSecret = 4;
/** A scheme and something that does not look like a word: a digit, padding, or a capital after a small letter. */
const authorization = /\b([Bb]asic|[Bb]earer|[Aa]pi[Kk]ey)\s+(?=\S*[0-9=+/]|\S*[a-z]\S*[A-Z])[A-Za-z0-9+/=._~-]{4,}/g;
const urlUserinfo = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@"']+@/gi;

const escapeForRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
/** How a value looks inside a JSON string, and in a URL. */
const spellings = (secret: string): readonly string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
];

export const createRedactor = (): Redactor => {
  const hidden = new Set<string>();
  let pattern: RegExp | undefined;
  const rebuild = (): void => {
    const longestFirst = [...hidden].sort((a, b) => b.length - a.length);
    pattern = new RegExp(longestFirst.map(escapeForRegExp).join('|'), 'g');
  };
  return {
    hide(secret) {
      if (secret.length < shortestSecret || hidden.has(secret)) return;
      for (const spelling of spellings(secret)) hidden.add(spelling);
      rebuild();
    },
    redact(text) {
      const known = pattern === undefined ? text : text.replace(pattern, mark);
      return known.replace(authorization, `$1 ${mark}`).replace(urlUserinfo, `$1${mark}@`);
    },
  };
};
