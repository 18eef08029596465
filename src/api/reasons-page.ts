import { reasonGroups, isReason, meaningOf } from './reasons.ts';

/** `docs/reasons.md`: what each reason of a condition means and what to do about it. */
export function reasonsPage(): string {
  const groups = reasonGroups.map(({ title, about, reasons }) =>
    [
      `## ${title}`,
      about,
      ['| Reason | What it means, and what to do |', '|---|---|', ...rowsOf(reasons)].join('\n'),
    ].join('\n\n'),
  );
  return `${[
    '# Reasons',
    'Every condition carries one of these in `reason`; `message` holds the particulars. Conditions and reasons are for programs, `phase` is for people.',
    ...groups,
  ].join('\n\n')}\n`;
}

function rowsOf(group: object): readonly string[] {
  return Object.keys(group)
    .filter(isReason)
    .map(reason => `| \`${reason}\` | ${meaningOf(reason).replaceAll('|', '\\|')} |`);
}
