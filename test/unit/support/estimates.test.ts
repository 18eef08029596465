import { describe, expect, it } from '@jest/globals';
import type { ReindexRequest } from '../../../src/api/reindex-request.ts';
import { etaErrors, etaTable, preflightErrors, preflightTable } from '../../support/checks/estimates.ts';

const status = { started: '2026-01-01T00:00:00Z', switched: '2026-01-01T00:02:00Z' };
const at = (seconds: number): string => new Date(Date.parse(status.started) + seconds * 1000).toISOString();
const sample = (seconds: number, eta?: number) => ({
  atMs: Date.parse(at(seconds)),
  eta: eta === undefined ? undefined : at(eta),
});
const build = {
  ...{ engine: 'OpenSearch', files: 10, peakBytes: 100e6, peakWithLogBytes: 150e6 },
  request: {
    metadata: { name: 'run' },
    status: { ...status, preflight: { needBytes: 120e6, estimatedSeconds: 90 } },
  } as ReindexRequest,
  samples: [sample(59, 600), sample(60), sample(61, 90), sample(110, 132), sample(121, 600)],
};

describe('what a build said beforehand and on its way', () => {
  it('is compared with its end in the second half of the run alone, where it said something', () => {
    expect(etaErrors(build).map(error => Math.round(error * 100))).toEqual([-25, 10]);
    expect(etaTable([build], 0.2)).toContain('| OpenSearch | 10 | run | 120 | 2 | 1 of 2 | -25 % |');
  });

  it('is compared with what it took', () => {
    expect(preflightErrors(build)).toEqual({ bytes: 0.2, seconds: -0.25 });
    expect(preflightTable([build])).toContain('| 120.0 | 100.0 | +20 % | 150.0 | 90 | 120 | -25 % |');
  });

  it('is nothing where it said nothing', () => {
    const silent = { ...build, request: { ...build.request, status } as ReindexRequest };
    expect(preflightErrors(silent)).toEqual({ bytes: undefined, seconds: undefined });
  });
});
