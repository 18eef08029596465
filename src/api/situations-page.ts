import { isTrouble } from './reasons.ts';
import { situations, type Situation } from './situations.ts';

/** `docs/situations.md`: what people on call meet, where it is told, and what to do about it. */
export function situationsPage(): string {
  const rows: readonly Situation[] = Object.values(situations);
  return `${[
    '# Situations',
    about,
    ['| Situation | Condition | Reason | Event | Metric | Alert | What to do |', line, ...rows.map(rowOf)].join('\n'),
    afterwards,
  ].join('\n\n')}\n`;
}

const line = `|${'---|'.repeat(7)}`;

const about = `What people on call meet, and where it is told: within a minute from when it can be seen, unless the row says otherwise, and
untold within the same time once it is repaired; what is asked for once a minute (a Git host) may be away unseen for that long, and a
lock for its lease. \`npm test -- cluster\` makes each row for real. \`reindeer_trouble\` has a series for
each reason that is in the way of an object, and none at rest. [reasons.md](reasons.md) explains every reason.`;

const afterwards = `A repair is made where the trouble is: in the spec, the Secret, the quota, the policy, the engine or the Git host. No Job, pod or
ReindexRequest that the operator made has to be deleted: what stands is made anew, what waits is tried again.`;

function rowOf({ what, remedy, told, withinSeconds, alert }: Situation): string {
  const { on, type, status, reason } = told;
  const limit = withinSeconds === 60 ? '' : ` (within ${withinSeconds} s)`;
  return `| ${[
    `${what}${limit}`,
    `${on}: \`${type}=${status}\``,
    `[\`${reason}\`](reasons.md)`,
    `${isTrouble(reason) ? 'Warning' : 'Normal'} \`${reason}\``,
    `\`reindeer_trouble{reason="${reason}"}\``,
    `[${alert}](runbooks/${alert}.md)`,
    remedy,
  ].join(' | ')} |`;
}
