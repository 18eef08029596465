import { describe, expect, it } from '@jest/globals';
import { decideRepo } from '../../../src/indexed-repo/decide.ts';
import { dueToBuild, rebuildDue } from '../../../src/indexed-repo/due.ts';
import type { Observed } from '../../../src/indexed-repo/observed.ts';
import { heldShapeOf } from '../../../src/domain/held-shape.ts';
import { aKeptRepo, aLightJob, aRestingRepo, onAlias } from '../../support/objects/a-repo-look.ts';
import { madeBy } from '../../support/objects/a-verdict.ts';
import { at } from '../../support/objects/an-object.ts';

const [one, two] = ['corp/indexer:1', 'corp/indexer:2'] as const;
const declared = { worker: { image: two } };

/** A live version that this image built, under this declaration. */
function builtBy(workerImage: string, spec: object = {}, status: Observed['repo']['status'] = {}): Observed {
  const repo = aKeptRepo({ spec, status });
  const o = aRestingRepo({ repo });
  return onAlias(o, { live: { ...o.engine!.live!, workerImage } });
}

/** The same with 40 GiB in one shard. */
function grown(o: Observed): Observed {
  const settings = { 'index.number_of_shards': '1' };
  const liveIndices = o.engine!.liveIndices.map(index => ({ ...index, settings }));
  return onAlias(o, { liveIndices, liveBytes: 40 * 1024 ** 3 });
}

/** The same, and the last light run said that it can only build it anew. */
function refusedBy(image: string, o: Observed): Observed {
  const [live, job] = [{ ...o.engine!.live!, clean: false }, 'job-0'];
  const last = {
    job,
    outcome: 'Failed',
    reason: 'FullReindexNeeded',
    from: '',
    to: '',
    started: at(-9),
    finished: at(-5),
  };
  const jobs = [aLightJob({ image, state: 'failed', finished: at(-5) })];
  const status = { ...o.repo.status, light: { failures: 1, last } } as Observed['repo']['status'];
  return { ...onAlias(o, { live }), repo: { ...o.repo, status }, jobs };
}

const said = (o: Observed): string =>
  rebuildDue(o)
    .map(({ reason, is }) => `${reason} ${is}`)
    .join(', ');

describe('a rebuild is due', () => {
  it.each<readonly [string, Observed, string]>([
    ['not at rest', builtBy('reindeer:1'), ''],
    ['for another shape that is declared', builtBy('reindeer:1', { index: { shards: 2 } }), 'SpecChanged wanted'],
    ['for another image that is declared', builtBy(one, declared), 'SpecChanged wanted'],
    ['not for the declared image that built it', builtBy(two, declared), ''],
    ['not for an image that is not known', builtBy('', declared), ''],
    ['and not begun for the operator’s own image', builtBy('reindeer:0-other/cut'), 'WorkerChanged reported'],
    [
      'for the operator’s own image where that is listed',
      builtBy('reindeer:0-other/cut', { rebuild: { automaticFor: ['WorkerChanged'] } }),
      'WorkerChanged wanted',
    ],
    [
      'and not begun for a declared image where nothing is listed',
      builtBy(one, { ...declared, rebuild: { automaticFor: [] } }),
      'SpecChanged reported',
    ],
    [
      'for a new revision, whatever is listed',
      builtBy(one, { ...declared, rebuild: { automaticFor: [], revision: 'a' } }),
      'SpecChanged reported, RevisionChanged wanted',
    ],
    [
      'and not begun for what was refused by the image that built it',
      refusedBy(one, builtBy(one)),
      'WorkerChanged reported',
    ],
    [
      'and not begun for shards that hold twice what they should',
      grown(builtBy('reindeer:1')),
      'ShardsOutgrown reported',
    ],
    [
      'for shards that hold twice what they should where that is listed',
      grown(builtBy('reindeer:1', { rebuild: { automaticFor: ['ShardsOutgrown'] } })),
      'ShardsOutgrown wanted',
    ],
    [
      'not for as many shards as are declared',
      grown(builtBy('reindeer:1', { index: { shards: 2 } })),
      'SpecChanged wanted',
    ],
  ])('%s', (_row, o, expected) => {
    expect(said(o)).toBe(expected);
    expect(dueToBuild(o).length > 0).toBe(expected.includes('wanted'));
    expect(madeBy(decideRepo(o)) !== undefined).toBe(expected.includes('wanted'));
  });

  it('but held where a rollback left this shape; what is only reported stays reported', () => {
    const { spec } = aKeptRepo({ spec: { ...declared, rebuild: { automaticFor: ['SpecChanged'] } } });
    const status = { live: { number: 1 }, rebuild: { heldShape: heldShapeOf(spec) } } as Observed['repo']['status'];
    expect(said(builtBy(one, declared, status))).toBe('SpecChanged held');
    const none = { ...declared, rebuild: { automaticFor: [] } };
    expect(said(builtBy(one, none, status))).toBe('SpecChanged reported');
    expect(decideRepo(builtBy(one, declared, status)).rebuild).toEqual({ is: 'none' });
  });

  it('says both images, and the way where it is left to people', () => {
    const [due] = rebuildDue(builtBy(one, { ...declared, rebuild: { automaticFor: [] } }));
    expect(due?.message).toBe(
      'spec.worker.image is corp/indexer:2, kibana-v1 was built by corp/indexer:1; to build it, give spec.rebuild.revision a new value, or add SpecChanged to spec.rebuild.automaticFor',
    );
  });

  it.each<readonly [string, Observed]>([
    ['the image that built the version', refusedBy(one, builtBy(one))],
    [
      'a declared one that may not begin a build',
      refusedBy(two, builtBy(one, { ...declared, rebuild: { automaticFor: [] } })),
    ],
  ])('is for a human where light runs were refused by %s', (_row, o) => {
    expect(decideRepo(o).rebuild).toMatchObject({ is: 'stalled', reason: 'FullReindexNeeded' });
  });
});

describe('the template of rebuilds', () => {
  const template = { build: { partitions: 4 }, deadline: '6h', retain: { versions: 3 } };

  it('is copied whole into the request, and is no reason to build', () => {
    expect(said(builtBy('reindeer:1', { rebuild: { template } }))).toBe('');
    const spec = (rebuild: object): object => ({ index: { shards: 2 }, rebuild });
    const request = madeBy(decideRepo(builtBy('reindeer:1', spec({ template }))));
    expect(request?.spec).toEqual({ target: { repoRef: { name: 'kibana' } }, strategy: 'Rebuild', ...template });
    const other = madeBy(decideRepo(builtBy('reindeer:1', spec({ template: { ...template, deadline: '7h' } }))));
    // What failed by its deadline has all its tries again with another one.
    expect(other?.metadata.name).not.toBe(request?.metadata.name);
  });

  it('says no more than it declares where it is absent', () => {
    const request = madeBy(decideRepo(builtBy('reindeer:1', { index: { shards: 2 } })));
    expect(request?.spec).toEqual({ target: { repoRef: { name: 'kibana' } }, strategy: 'Rebuild' });
  });
});
