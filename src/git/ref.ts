const longestRef = 255;
const fullCommit = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** True for a whole object name: 40 (SHA-1) or 64 (SHA-256) hexadecimal digits in lower case. */
export function isCommit(text: string): boolean {
  return fullCommit.test(text);
}

/** What documents call the place that they come from: a branch or tag as it was asked for; '' for HEAD or a commit. */
export function branchLabel(ref: string): string {
  return isCommit(ref) ? '' : ref;
}

/** Why a text cannot be a branch, tag or full commit, or undefined when it can. The rules of `git check-ref-format`. */
export function refProblem(ref: string): string | undefined {
  if (ref.length > longestRef) return `has ${ref.length} characters, at most ${longestRef} are allowed`;
  if (/[\x00-\x20\x7f~^:?*[\\]/.test(ref)) return 'holds a space, a control character or one of ~ ^ : ? * [ \\';
  if (/^[-/.@]/.test(ref)) return 'starts with - / . or @';
  if (/\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)|[/.]$/.test(ref)) return 'is not the name of one branch, tag or commit';
  return undefined;
}
