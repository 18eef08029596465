import { basename } from 'node:path';

/** What the program is, by the name of its file: itself, a plugin of kubectl, or what kubectl asks how a line goes on. */
export type CalledAs = 'reindeer' | 'kubectl reindeer' | 'completion';

/** kubectl finds its plugins, and what completes them, by the names of their files alone. */
export function calledAs(program: string | undefined): CalledAs {
  const name = basename(program ?? '').replace(/\.[a-z]+$/, '');
  if (name === 'kubectl_complete-reindeer') return 'completion';
  return name === 'kubectl-reindeer' ? 'kubectl reindeer' : 'reindeer';
}
