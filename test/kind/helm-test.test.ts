import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { run } from '../bed/command.ts';
import { readBedState } from '../bed/state.ts';
import { installOperator, operatorNamespace } from '../support/real/installed.ts';

const minutes = 60_000;

describe('helm test', () => {
  const bed = readBedState();
  if (bed?.provider !== 'kind') throw new Error('no bed of kind is up: npm run bed -- up --provider kind');

  it(
    'finds the kinds served and the operator ready',
    async () => {
      await installOperator(bed);
      const helm = [join(bed.binaries, 'helm'), 'test', 'reindeer', '--namespace', operatorNamespace];
      const said = await run([...helm, '--timeout', '120s'], { env: { KUBECONFIG: bed.kubeconfig } });
      expect(said).toMatch(/TEST SUITE:\s+reindeer-test\n[^]*Phase:\s+Succeeded/);
    },
    5 * minutes,
  );
});
