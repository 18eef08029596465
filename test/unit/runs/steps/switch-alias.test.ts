import { describe, expect, it } from '@jest/globals';
import { publicAlias } from '../../../../src/domain/document-model.ts';
import { switchAlias } from '../../../../src/runs/steps/switch-alias.ts';
import {
  aRecordedRun,
  aSettledRun,
  aSwitchedRun,
  heldLock,
  onEngine,
  onRecord,
} from '../../../support/objects/a-run.ts';
import { saidBy, undoOf, verdictOf, type Row } from '../../../support/objects/a-verdict.ts';
import { at } from '../../../support/objects/an-object.ts';

const settled = aSettledRun();

const recorded = aRecordedRun();

describe('switch', () => {
  it.each<Row>([
    ['moves the alias and records it', settled, 'act: switch-alias/kibana, record-switch/kibana-v2'],
    ['only records what was switched before a crash', aSwitchedRun(), 'act: record-switch/kibana-v2'],
    ['records again what was half recorded', onRecord(recorded, { candidate: 2 }), 'act: record-switch/kibana-v2'],
    ['is done once the record says so too', recorded, 'done'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(switchAlias, o)).toBe(verdict);
  });

  it('owes its record to whoever deletes the run right after it', () => {
    expect(undoOf(switchAlias, aSwitchedRun())).toEqual(['record-switch/kibana-v2']);
    expect(
      undoOf(switchAlias, onEngine(aSwitchedRun(), { lock: heldLock({}, { held: false, holder: null }) })),
    ).toEqual([]);
    expect(undoOf(switchAlias, settled)).toEqual([]);
    expect(undoOf(switchAlias, recorded)).toEqual([]);
  });

  it('expects the live version, puts it first among the retired, and adds only when the alias is lost', () => {
    const before = onRecord(settled, { retired: [9, 8] });
    expect(saidBy(switchAlias.look(before))).toMatchObject([
      {
        expected: [{ index: 'kibana-v1', properties: publicAlias }],
        next: [{ index: 'kibana-v2', properties: publicAlias }],
      },
      { live: 2, retired: [1, 9, 8], since: at(0) },
    ]);
    expect(saidBy(switchAlias.look(onEngine(before, { members: [] })))).toMatchObject([{ expected: [] }, {}]);
    expect(saidBy(switchAlias.look(onRecord(settled, { live: null })))).toMatchObject([
      { expected: [] },
      { retired: [] },
    ]);
  });
});
