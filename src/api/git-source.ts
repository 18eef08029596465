import { z } from 'zod';
import { ref } from './fragments.ts';
import { matching, wholeList } from './rule.ts';

/** Where the documents of a repository come from. The worker checks URL and ref once more: it does not trust its input. */

const host = '[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?';
const port = '(:[0-9]{1,5})?';
const user = '[A-Za-z0-9_][A-Za-z0-9._-]*@';
// No hyphen first, which would be an option to ssh, and nothing that a terminal or a shell would read as more than text.
const path = '[A-Za-z0-9._~%+/][A-Za-z0-9._~%+/-]*';

const url = [
  {
    pattern: /^(https?:\/\/[^/]*@|[a-zA-Z0-9+.-]+:\/\/[^/@]*:[^/@]*@)/,
    not: true,
    message: 'must not hold credentials: put them into a Secret and name it in source.secretRef',
  },
  {
    pattern: new RegExp(`^(https://${host}${port}/|ssh://(${user})?${host}${port}/|${user}${host}:)${path}$`),
    message: 'must be https://HOST/PATH, ssh://[USER@]HOST[:PORT]/PATH or USER@HOST:PATH',
  },
  { pattern: /[/:]\.\.?(\/|$)/, not: true, message: 'must not hold . or .. as a part of the path' },
].reduce(matching, z.string().min(8).max(1024));

export const longestRef = 255;

/**
 * What `git check-ref-format` takes for the name of a branch or tag, and nothing else; no hyphen first, as `git branch` and
 * `git tag` have it: that would be an option to Git.
 */
export const refRules = [
  {
    pattern: /^[^-/.~^:?*[\\\x00-\x20\x7f][^~^:?*[\\\x00-\x20\x7f]*$/,
    message: 'must be the name of a branch or tag, or a full commit; no ranges, searches, spaces or leading - / .',
  },
  {
    pattern: /(^@$|\.\.|@\{|\/\/|\/\.|\.lock$|\.lock\/|[/.]$)/,
    not: true,
    message: 'must not be @ alone, hold .. @{ // or /. and must not end with / . or .lock',
  },
] as const;

const gitRef = refRules.reduce(matching, z.string().min(1).max(longestRef));

const globs = wholeList(z.array(z.string().min(1).max(255)).max(200)).optional();

export const gitSource = z.strictObject({
  url: url.describe(
    'Git remote, 8 to 1024 characters: https://HOST/PATH, ssh://[USER@]HOST[:PORT]/PATH or USER@HOST:PATH, without credentials.',
  ),
  ref: gitRef
    .optional()
    .describe(
      'Branch, tag or full commit. A short name means refs/heads first, then refs/tags; when both exist it is refused (RefAmbiguous). Absent, or HEAD: the branch that the HEAD of the remote stands for.',
    ),
  secretRef: ref('Secret')
    .optional()
    .describe(
      'Secret with username and password, or token, or ssh-privatekey and known_hosts; any of them may add ca.crt. Absent: the remote is asked without credentials.',
    ),
  include: globs.describe(
    'Globs on the path, at most 200: only files that match one are indexed. A change is repaired in place by the next light run. Absent: every file.',
  ),
  exclude: globs.describe(
    'Globs on the path, at most 200: files that match one are left out, also when include names them. A change is repaired in place by the next light run. Absent: none.',
  ),
  maxFileBytes: z
    .int()
    .min(1024)
    .max(67_108_864)
    .default(1_048_576)
    .describe(
      'Largest file that is indexed, in bytes, 1024 to 67108864 (64 MiB). Larger ones are skipped and counted.',
    ),
});
