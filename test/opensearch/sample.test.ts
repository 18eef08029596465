import { afterAll, describe, it } from '@jest/globals';
import { missingByHand } from '../bed/tools.ts';
import { ownEngine } from '../support/real/own-engine.ts';

/**
 * Files of the contract suite, all of which runs on OpenSearch only where that is asked for: how answers are read, and what
 * locks and switches stand on.
 */
const sample = [
  ...['connect', 'abilities', 'aliases', 'indices', 'documents', 'switch', 'write-alias', 'settings'],
  ...['views', 'copy', 'cut-over', 'copy-programs'],
];

const [missing] = missingByHand(0, 'opensearch');
if (missing === undefined) {
  const engine = await ownEngine('opensearch');
  afterAll(async () => engine.stop());
  const { type, url, username, password, caFile } = engine;
  // Read by the files when they are loaded.
  process.env['REINDEER_TEST_ENGINE'] = JSON.stringify({ type, url, username, password, caFile });
  for (const name of sample) await import(`../contract/${name}.test.ts`);
} else {
  describe.skip(`a sample of the contract suite on OpenSearch (${missing})`, () => it('runs', () => undefined));
}
