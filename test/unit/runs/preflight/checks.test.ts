import { describe, expect, it } from '@jest/globals';
import type { IndexTemplate } from '../../../../src/engine/port.ts';
import { durationFinding, estimatedSeconds } from '../../../../src/runs/preflight/duration.ts';
import { pastBuild } from '../../../../src/runs/preflight/past-build.ts';
import { privilegesCheck } from '../../../../src/runs/preflight/privileges.ts';
import { clocksFinding } from '../../../../src/runs/preflight/said.ts';
import { shardsCheck } from '../../../../src/runs/preflight/shards.ts';
import { autoCreateCheck, templatesCheck } from '../../../../src/runs/preflight/templates.ts';
import { aClusterNode } from '../../../support/fakes/fake-cluster.ts';
import { aReindexRequest, at, t0 } from '../../../support/objects/an-object.ts';
import { aCapacity, aPlannedVersion } from '../../../support/objects/cluster-facts.ts';

describe('the check of shards', () => {
  it.each([
    ['as many as there is room for', 16, true],
    ['one more than there is room for', 15, false],
  ])('counts %s, replicas and members included', (_what, most, ok) => {
    const planned = aPlannedVersion({ shards: 2, replicas: 2, indices: 1 });
    const found = shardsCheck(planned, aCapacity({ shards: { open: 10, most } }));
    expect(found.ok).toBe(ok);
    expect(found.message).toContain(`6 copies of shards are needed; 10 are open, of ${most}`);
  });
});

describe('the check of templates', () => {
  const template = (given: Partial<IndexTemplate>): IndexTemplate => ({
    ...{ name: 'all', kind: 'composable', forDataStreams: false, settings: {}, mappings: {}, aliases: [] },
    ...given,
  });
  const check = (given: Partial<IndexTemplate>) =>
    templatesCheck(aPlannedVersion(), ['index.codec'], [template(given)]);

  it.each<readonly [string, Partial<IndexTemplate>]>([
    ['nothing', {}],
    ['what the creation says itself', { settings: { 'index.number_of_replicas': 3, 'index.codec': 'x' } }],
    ['a word about fields that are not declared', { mappings: { dynamic: true } }],
  ])('passes one that brings %s', (_what, given) => {
    expect(check(given).ok).toBe(true);
  });

  it.each<readonly [string, Partial<IndexTemplate>, string]>([
    ['a setting', { settings: { 'index.lifecycle.name': 'x' } }, 'sets index.lifecycle.name'],
    ['a field', { mappings: { properties: { a: {} } } }, 'brings mappings.properties'],
    ['an alias', { aliases: ['logs'] }, 'puts it behind logs'],
    ['a data stream', { forDataStreams: true }, 'makes a data stream'],
  ])('refuses one that brings %s, and names it', (_what, given, says) => {
    const found = check(given);
    expect(found).toMatchObject({ ok: false, reason: 'TemplateMatches' });
    expect(found.message).toContain(`the composable template "all" ${says}`);
  });

  it('says when the templates could not be asked for', () => {
    expect(templatesCheck(aPlannedVersion(), [], undefined)).toMatchObject({
      ok: true,
      message: expect.stringContaining('not asked'),
    });
  });

  it.each([
    ['true', 'makes index'],
    ['false', 'makes no index'],
    ['+logs-*,-*', 'makes no index'],
    ['-secret-*,+kibana-*', 'makes index'],
    ['kibana-v*', 'makes index'],
  ])('says what a stray write would do where auto-create is %s', (autoCreate, says) => {
    const found = autoCreateCheck(aPlannedVersion(), autoCreate);
    expect(found.ok).toBe(true);
    expect(found.message).toContain(says);
  });
});

describe('the check of privileges', () => {
  it('names what is lacking, and on what', () => {
    const lacking = [
      { privilege: 'monitor', index: '' },
      { privilege: 'manage', index: 'kibana-v2' },
      { privilege: 'read', index: 'kibana-v2' },
    ];
    expect(privilegesCheck(lacking)).toMatchObject({
      ...{ ok: false, reason: 'MissingPrivilege' },
      message: 'the credentials lack monitor on the cluster; manage, read on kibana-v2',
    });
  });

  it('says when there is nothing to ask', () => {
    expect(privilegesCheck(undefined)).toMatchObject({ ok: true, message: expect.stringContaining('not asked') });
  });
});

describe('the clocks', () => {
  it('are told by the one that is furthest off, and refuse nothing', () => {
    const nodes = [2, -30, 5].map((seconds, i) =>
      aClusterNode({ name: `es-${i}`, clockMs: t0.getTime() + 1000 * seconds }),
    );
    expect(clocksFinding(aCapacity({ nodes }), t0)).toMatchObject({
      ok: true,
      message: expect.stringContaining('es-1 is 30 s behind ours'),
    });
  });
});

describe('the estimate', () => {
  const past = { request: 'before', seconds: 100, chunks: 6000 };

  it('goes by the last build, as far as the version has grown since', () => {
    expect(estimatedSeconds(aPlannedVersion(), past)).toBe(150);
    expect(durationFinding(aPlannedVersion(), past).message).toContain('before took 100 s for 6000 chunks');
  });

  it('goes by an assumed rate where no build is known, and says so', () => {
    expect(estimatedSeconds(aPlannedVersion(), undefined)).toBe(30);
    expect(durationFinding(aPlannedVersion(), undefined).message).toContain('300 a second are assumed');
  });

  it('is none for a first build', () => {
    expect(estimatedSeconds(aPlannedVersion({ live: undefined }), undefined)).toBeUndefined();
  });
});

describe('the last build', () => {
  const built = (name: string, minutes: number, given: object = {}) => {
    const status = {
      ...{ started: at(60 * minutes), switched: at(60 * minutes + 100), to: { documents: 7 } },
      ...{ conditions: [{ type: 'Succeeded', status: 'True', reason: 'Succeeded', message: '' }] },
      ...given,
    };
    return aReindexRequest({ metadata: { name }, status: status as object });
  };

  it('is the newest that ended well and switched', () => {
    const failed = { conditions: [{ type: 'Succeeded', status: 'False', reason: 'WorkerFailed', message: '' }] };
    const all = [built('a', 1), built('b', 3), built('c', 5, failed), built('d', 7, { switched: undefined })];
    expect(pastBuild(all)).toEqual({ request: 'b', seconds: 100, chunks: 7 });
  });

  it('does not count what it waited for people', () => {
    const steps = [
      { name: 'verify', started: at(0), finished: at(10) },
      { name: 'gate-before-switch', started: at(10), finished: at(70) },
    ];
    expect(pastBuild([built('a', 0, { steps })])?.seconds).toBe(40);
  });

  it('is not known where none did', () => {
    expect(pastBuild([])).toBeUndefined();
  });
});
