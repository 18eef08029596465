import { describe, expect, it } from '@jest/globals';
import { digestChecks } from '../../../src/runs/digest-check.ts';
import type { Observed, ObservedJob } from '../../../src/runs/observed.ts';
import type { WorkerResult } from '../../../src/work/contract.ts';
import { emptyResult } from '../../../src/workers/index/empty-result.ts';
import { aReindexRequest } from '../../support/objects/an-object.ts';
import { aJob, asRequest, aSettledRun } from '../../support/objects/a-run.ts';

const result = emptyResult({ mode: 'full', index: 'kibana-v2', branch: '', commit: 'c' });
type Digest = WorkerResult['digest'];

function job(round: number, digest: Digest | 'said nothing', given: Partial<ObservedJob> = {}): ObservedJob {
  const said = { exitCode: 0, text: '', result: digest === 'said nothing' ? result : { ...result, digest } };
  return aJob({ round, state: 'succeeded', said, ...given });
}

function checks(digest: string | undefined, ...jobs: readonly ObservedJob[]): readonly string[] {
  const o: Observed = asRequest(aSettledRun(), aReindexRequest({ spec: digest ? { verify: { digest } } : {} }));
  return digestChecks({ ...o, jobs }).map(({ name, result: outcome, message }) => `${name} ${outcome} ${message}`);
}

const full = { of: 'Full', files: 40, chunks: 90 } as const;
const sample = { of: 'Sample', files: 50, chunks: 70 } as const;

describe('what the workers read back', () => {
  it('is shown with its figures', () => {
    expect(checks('Full', job(0, full))).toEqual(['digest Pass digest of every file: 40 files put together of 90 chunks, and as many are their text']);
    expect(checks(undefined, job(0, sample))).toEqual(['digest Pass digest of a sample of what was written last: 50 files put together of 70 chunks, and as many are their text']);
  }); // prettier-ignore

  it('is that of the last Job that read anything', () => {
    expect(checks(undefined, job(0, sample), job(1, { of: 'Sample', files: 2, chunks: 3 }))[0]).toContain('2 files');
    expect(checks(undefined, job(0, sample), job(1, { of: 'Sample', files: 0, chunks: 0 }))[0]).toContain('50 files');
  });

  it.each<[string, readonly ObservedJob[]]>([
    ['an image does not say it', [job(0, 'said nothing')]],
    ['a Job of the run read a sample only', [job(0, full), job(1, sample)]],
    ['its pods are gone', [aJob({ state: 'succeeded' })]],
    ['no Job is left', []],
  ])('is unclear where every file was asked for and %s', (_, jobs) => {
    expect(checks('Full', ...jobs)[0]).toMatch(/^digest Unclear digest: /);
  });

  it('is left out where nothing more than a sample is wanted and nothing was said', () => {
    expect(checks(undefined, job(0, 'said nothing'))).toEqual([]);
    expect(checks('None', job(0, { of: 'None', files: 0, chunks: 0 }))).toEqual([]);
  });
});
