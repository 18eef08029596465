import { act, done, type Step } from '../../plan/verdict.ts';
import type { Effect } from '../../plan/effect.ts';
import { isoSeconds } from '../../domain/progress.ts';
import { candidateIndex, expectedMembers, ground, isSwitched, metaOf } from '../facts.ts';
import type { Observed } from '../observed.ts';

/** One `_aliases` call that is also a compare-and-swap; recorded only after the alias itself was read back. */
export const switchAlias: Step<Observed> = {
  name: 'switch',
  phase: 'Switching',
  look: o => {
    const number = candidateNumber(o);
    if (isSwitched(o)) {
      const { record } = ground(o);
      return record.live === number && record.candidate === null
        ? done
        : act('record the switch', recording(o, number));
    }
    const { alias, record, engine } = ground(o);
    const next = [candidateIndex(o)?.name ?? ''];
    return act(
      'switch the alias',
      { do: 'switch-alias', alias, expected: expectedMembers(record, engine), next },
      recording(o, number),
    );
  },
};

function candidateNumber(o: Observed): number {
  const index = candidateIndex(o);
  return Number(index && metaOf(index).version);
}

function recording(o: Observed, live: number): Effect {
  const { alias, record } = ground(o);
  const before = record.live === null || record.live === live ? [] : [record.live];
  const retired = [...before, ...record.retired.filter(number => number !== live && !before.includes(number))];
  return { do: 'record-switch', alias, live, retired, since: isoSeconds(o.now) };
}
