import { describe, expect, it } from '@jest/globals';
import { FaultRecord, faultTable } from '../../support/checks/fault-table.ts';

const aGoodRecord = (): FaultRecord => {
  const record = new FaultRecord('F2', 'worker killed');
  record.attempt();
  record.inject();
  record.sampled([]);
  record.recovered(1500);
  return record;
};

describe('a row of the fault matrix', () => {
  it('is good when a fault was injected, the invariants were looked at and held, and a recovery was timed', () => {
    expect(aGoodRecord().faultsFound).toEqual([]);
  });

  const without: readonly (readonly [string, (record: FaultRecord) => void, string])[] = [
    ['a fault', record => (record.injected = 0), 'no fault was injected'],
    ['a sample', record => (record.samples = 0), 'the invariants were never looked at'],
    ['an invariant that held', record => record.sampled(['I1: two indices']), 'I1: two indices'],
  ];
  it.each(without)('fails without %s', (_what, spoil, found) => {
    const record = aGoodRecord();
    spoil(record);
    expect(record.faultsFound).toEqual([found]);
  });

  it('fails when nothing ever recovered', () => {
    const record = new FaultRecord('F2', 'worker killed');
    record.inject();
    record.sampled([]);
    expect(record.faultsFound).toEqual(['no recovery was timed']);
  });

  it('ends what it began, the newest first, whatever became of the row', async () => {
    const record = aGoodRecord();
    const ended: string[] = [];
    record.atEnd(async () => void ended.push('first'));
    record.atEnd(() => Promise.reject(new Error('spoiled')));
    record.atEnd(async () => void ended.push('third'));
    await expect(record.end()).rejects.toThrow('spoiled');
    await record.end();
    expect(ended).toEqual(['third', 'first']);
  });

  it('stands in a table with its slowest recovery', () => {
    const record = aGoodRecord();
    record.recovered(12_340);
    record.remark('seed 20');
    expect(faultTable([record]).split('\n').at(-1)?.split(/ {2,}/)).toEqual([
      'F2',
      'worker killed',
      '1',
      '1',
      '1',
      '0',
      '12.3 s',
      'seed 20',
    ]);
  });
});
