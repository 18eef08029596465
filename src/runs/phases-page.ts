import { policies } from './policies.ts';
import type { RunStep } from './step.ts';
import { strategies, type Strategy } from './strategies.ts';

const head = `# Phases and steps of a run

A ReindexRequest goes through the steps of its strategy in this order. \`status.phase\` is the phase of the step at hand,
\`status.steps\` says when each one began and ended. Every step is looked at again at every look: one that is done stays done
only as long as what it made is there. Once the alias serves the candidate, all steps before the switch are past.`;

const before = `Before its steps are asked, the first of these that has something to say decides about a run:
${policies.map(({ name }) => name).join(', ')}.`;

/** `docs/phases.md`: made from the strategies themselves. */
export function phasesPage(): string {
  return `${[head, before, ...Object.values(strategies).map(section)].join('\n\n')}\n`;
}

function section({ name, steps }: Strategy): string {
  const rows = steps.map(rowOf);
  return [`## ${name}`, '', '| Phase | Step | Tells in status |', '|---|---|---|', ...rows].join('\n');
}

function rowOf({ name, phase, tell }: RunStep): string {
  return `| \`${phase}\` | \`${name}\` | ${tell ? `\`${tell.field}\`` : ''} |`;
}
