import type { LackedPrivilege } from '../../engine/port.ts';
import { passed, refused, type Finding } from './check.ts';

/** Whether the credentials may do all that this run will. */
export function privilegesCheck(lacking: readonly LackedPrivilege[] | undefined): Finding {
  if (!lacking) return passed('privileges', 'not asked: the engine has no users, or does not say what they may');
  if (lacking.length === 0) return passed('privileges', 'the credentials have all that is needed');
  const by = Map.groupBy(lacking, ({ index }) => index);
  const each = [...by].map(
    ([index, some]) => `${some.map(({ privilege }) => privilege).join(', ')} on ${index || 'the cluster'}`,
  );
  return refused('privileges', { reason: 'MissingPrivilege', message: `the credentials lack ${each.join('; ')}` });
}
