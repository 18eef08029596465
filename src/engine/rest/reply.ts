import type { z } from 'zod';
import { bounded } from '../../domain/bounded-text.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { HttpReply } from '../transport.ts';

/** Reads what is needed out of an answer; TerminalError(NotASearchEngine) when it does not look as both engines write it. */
export function parsed<T extends z.ZodType>(schema: T, reply: HttpReply, what: string): z.output<T> {
  const result = schema.safeParse(reply.body);
  if (result.success) return result.data;
  const fields = result.error.issues.map(issue => issue.path.join('.')).join(', ');
  throw new TerminalError('NotASearchEngine', bounded(`${what}: the answer lacks or misspells ${fields}`));
}
