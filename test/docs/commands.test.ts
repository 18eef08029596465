import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commandBlocks } from '../support/checks/page-commands.ts';
import { aPageStage, type PageStage } from '../support/real/page-stage.ts';

const minutes = 60_000;
const blocks = commandBlocks();
const run = blocks.filter(({ notRun }) => notRun === undefined);

/** In the order of the pages: the last one takes the installation away. */
describe('the commands of the pages for the person on call', () => {
  let opening: Promise<PageStage> | undefined;
  let stage: PageStage;
  const done = new Set<string>();
  beforeAll(async () => {
    opening = aPageStage();
    stage = await opening;
  }, 6 * minutes);
  afterAll(async () => (await opening)?.close(), 3 * minutes);

  it.each(run)(
    'of $id do what they say',
    async block => {
      await stage.type(block);
      done.add(block.id);
    },
    6 * minutes,
  );

  it('are all run, or their page says why not', () => {
    const left = blocks.filter(({ id }) => !done.has(id));
    console.log(
      `${done.size} blocks run\n${left.map(({ id, notRun }) => `not run: ${id}: ${notRun ?? ''}`).join('\n')}`,
    );
    expect(left.filter(({ notRun }) => notRun === undefined).map(({ id }) => id)).toEqual([]);
  });
});
