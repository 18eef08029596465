import { describe, expect, it } from '@jest/globals';
import { blockNamesIn, turnOf } from '../../../src/domain/fence-names.ts';
import { epochIn, guardIn, isLater, turnAfter } from '../../../src/fences/guard.ts';

const pair = { candidate: 'orders-v2', live: 'orders-2024' };

function index(name: string, ...aliases: readonly string[]) {
  return { name, aliases: Object.fromEntries(aliases.map(alias => [alias, {}])) };
}

describe('the names of a cut-over', () => {
  it('are told from all others by what they end with', () => {
    const live = index('orders-2024', 'orders', 'orders-2024.C3.1', 'orders-2024.C4.0.lifting', 'orders-2024.Cold');
    expect(blockNamesIn(live)).toEqual(['orders-2024.C3.1', 'orders-2024.C4.0.lifting']);
    const candidate = index(
      'orders-v2',
      'orders-v2.W3.1',
      'orders-v2.W3.1.draining',
      'orders-v2.W3.P1.0',
      'orders-v2.Wx',
    );
    const { writers, blocks } = guardIn(pair, [live, candidate]);
    expect(writers.map(({ alias }) => alias)).toEqual([
      'orders-v2.W3.1',
      'orders-v2.W3.1.draining',
      'orders-v2.W3.P1.0',
    ]);
    expect(blocks).toHaveLength(2);
  });

  it('are none of an index that is not there', () => {
    expect(guardIn(pair, [index('orders-v3', 'orders-v3.W1')])).toEqual({ writers: [], blocks: [] });
    expect(epochIn({ writers: [], blocks: [] })).toBe(0);
  });

  it.each([
    ['orders-v2.W2', 2, 0],
    ['orders-v2.W2.draining', 2, 0],
    ['orders-v2.W3.P1.7', 3, 0],
    ['orders-v2.W12.10', 12, 10],
    ['orders-v2.W3.1.draining', 3, 1],
  ])('tell the turn: %s', (alias, epoch, attempt) => {
    expect(turnOf({ index: 'orders-v2', alias })).toEqual({ epoch, attempt });
  });

  it('are in the order of epochs, then of attempts', () => {
    const name = { index: 'orders-v2', alias: 'orders-v2.W3.2' };
    const turns = [
      { epoch: 2, attempt: 9 },
      { epoch: 3, attempt: 1 },
      { epoch: 3, attempt: 2 },
      { epoch: 3, attempt: 3 },
      { epoch: 4, attempt: 0 },
    ];
    expect(turns.map(turn => isLater(name, turn))).toEqual([true, true, false, false, false]);
    const seen = { writers: [name], blocks: [{ index: 'orders-2024', alias: 'orders-2024.C11.0.lifting' }] };
    expect(epochIn(seen)).toBe(11);
    expect([3, 4, 11].map(epoch => turnAfter(seen, epoch).attempt)).toEqual([3, 1, 1]);
  });
});
