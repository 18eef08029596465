import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { controlled, controls, stages, type Stage } from '../support/worlds/a-controlled-run.ts';
import { isWhole, sampleOf, seed } from '../support/objects/sampled.ts';

const page = readFileSync(new URL('../../docs/control.md', import.meta.url), 'utf8');

/** The row of the table in docs/control.md, its cells without blanks around them. */
function rowOf({ strategy, phase, step }: Stage): readonly string[] {
  const [, section = ''] = page.split(`### ${strategy}\n`);
  const line = (section.split('\n### ')[0] ?? '')
    .split('\n')
    .find(each => each.startsWith(`| \`${phase}\` | \`${step}\` |`));
  return (line ?? '').split('|').slice(3, -1).map(cell => cell.trim()); // prettier-ignore
}

describe('the table of what people do to a run, in docs/control.md', () => {
  it.each(sampleOf(6, stages))(
    'says what comes of it at $step of a $strategy',
    async stage => {
      const cells: string[] = [];
      for (const control of controls) cells.push(await controlled(stage, control));
      if (isWhole) console.log(`| \`${stage.phase}\` | \`${stage.step}\` | ${cells.join(' | ')} |`);
      expect(cells).toEqual(rowOf(stage));
    },
    120_000,
  );

  it('was sampled by a seed', () => {
    console.log(`one of ${isWhole ? 1 : 6} of ${stages.length} steps, seed ${seed}`);
    expect(page.split('\n').filter(line => /^\| `[A-Z]/.test(line))).toHaveLength(stages.length);
  });
});
