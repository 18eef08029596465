import { longestRef, refRules } from '../api/git-source.ts';

const fullCommit = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** True for a whole object name: 40 (SHA-1) or 64 (SHA-256) hexadecimal digits in lower case. */
export function isCommit(text: string): boolean {
  return fullCommit.test(text);
}

/** True for what may be the beginning of an object name, or one in upper case: only a whole one counts. */
export function isLikeCommit(text: string): boolean {
  return /^[0-9a-f]{4,64}$/i.test(text) && !isCommit(text);
}

/** HEAD is what the HEAD of the repository stands for, as no ref at all is: also where a branch has that name. */
export function isHead(ref: string): boolean {
  return ref === '' || ref === 'HEAD';
}

/** The full names that a ref can have, the first ones first. */
export function candidateRefs(ref: string): readonly string[] {
  if (isHead(ref)) return ['HEAD'];
  return ref.startsWith('refs/') ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
}

/** What documents call the place that they come from: a branch or tag as it was asked for; '' for HEAD or a commit. */
export function branchLabel(ref: string): string {
  return isHead(ref) || isCommit(ref) ? '' : ref;
}

/** A ref as people say it: `main` for `refs/heads/main`. */
export function shortRef(refName: string): string {
  return refName.replace(/^refs\/(?:heads|tags)\//, '');
}

/** Why a text cannot be a branch, tag or full commit, or undefined when it can: the rules of the CRD, which are Git's. */
export function refProblem(ref: string): string | undefined {
  if (ref === '') return undefined;
  if (ref.length > longestRef) return `has ${ref.length} characters, at most ${longestRef} are allowed`;
  return refRules.find(rule => rule.pattern.test(ref) === 'not' in rule)?.message;
}
