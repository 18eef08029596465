import { describe, expect, it } from '@jest/globals';
import { newestCommit } from '../../../../src/runs/newest-commit.ts';
import { preflight } from '../../../../src/runs/steps/preflight.ts';
import { answered, aCreatedRun, aLockedRun, onEngine, aTarget } from '../../../support/objects/a-run.ts';
import { verdictOf, type Row } from '../../../support/objects/a-verdict.ts';

const locked = aLockedRun();
const problem = { is: 'problem', lasting: false, reason: 'RemoteUnreachable', message: '' } as const;

function shaped(index: object): typeof locked {
  return { ...locked, target: aTarget({ spec: { index } }) };
}

describe('preflight', () => {
  it.each<Row>([
    ['is done when nothing stands in the way', locked, 'done'],
    [
      'is done once the candidate exists, whatever the shape says by now',
      answered(aCreatedRun(), newestCommit, problem),
      'done',
    ],
    ['waits while the remote is away', answered(locked, newestCommit, problem), 'wait: RemoteUnreachable'],
    [
      'fails when the remote refuses',
      answered(locked, newestCommit, { ...problem, lasting: true, reason: 'RefNotFound' }),
      'fail: RefNotFound',
    ],
    [
      'fails for a setting that is not on the list',
      shaped({ settings: { 'index.blocks.read': true } }),
      'fail: SettingsRejected',
    ],
    [
      'fails for mappings that the worker cannot use',
      shaped({ mappings: { properties: { doc: { type: 'text' } } } }),
      'fail: MappingRejected',
    ],
    [
      'fails when the alias points at what we did not put there',
      onEngine(locked, { members: [{ index: 'foreign', properties: {} }] }),
      'fail: Drifted',
    ],
    ['lets a rebuild mend an alias that points at nothing', onEngine(locked, { members: [], aliasIs: 'none' }), 'done'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(preflight, o)).toBe(verdict);
  });
});
