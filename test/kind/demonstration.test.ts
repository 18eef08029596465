import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { run } from '../bed/command.ts';
import { readBedState } from '../bed/state.ts';
import { removeNamespaces } from '../support/real/installed.ts';

const minutes = 60_000;
const start = fileURLToPath(new URL('../demo/start.ts', import.meta.url));

describe('the demonstration on a bed of kind', () => {
  const bed = readBedState();
  if (bed?.provider !== 'kind') throw new Error('no bed of kind is up: npm run bed -- up --provider kind');

  afterAll(async () => {
    await removeNamespaces(bed);
  }, 5 * minutes);

  it(
    'runs through as npm start shows it, and no query fails during the switch',
    async () => {
      const shown = await run([process.execPath, '--disable-warning=ExperimentalWarning', start]);
      console.log(shown);
      expect(shown).toMatch(/[1-9]\d* queries were answered meanwhile, 0 failed/);
      expect(shown).toContain('kubectl delete namespace demo');
    },
    10 * minutes,
  );
});
