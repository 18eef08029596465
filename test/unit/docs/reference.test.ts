import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { keys } from '../../../src/api/meta.ts';
import { causeKeys } from '../../../src/indexed-repo/owned-requests.ts';
import { causeText } from '../../../src/indexed-repo/rebuild.ts';
import { releasedBy } from '../../../src/kube/leader.ts';
import { operatorEnvironment } from '../../../src/operator/config.ts';
import { logLevels } from '../../../src/runtime/log.ts';
import { jobManifest } from '../../../src/work/manifest.ts';
import { jobKeys } from '../../../src/work/view.ts';
import { aRunJob } from '../../support/objects/a-run-job.ts';
import { expectFallback } from '../../support/checks/expect-fallback.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'reference.md'), 'utf8');
const rows = [...page.matchAll(/^\| `([A-Z_]+)` +\| (.+?) +\| /gm)].map(
  ([, name = '', fallback = '']) => [name, fallback] as const,
);
const { shape } = operatorEnvironment;

/** `keys.request` and `keys.run` only begin others. */
const { request: _request, run: _run, ...whole } = keys;
const ours: readonly string[] = [whole, jobKeys, causeKeys, { causeText, releasedBy }].flatMap(table =>
  Object.values(table),
);

describe('docs/reference.md', () => {
  it('names every variable of the operator and no other', () => {
    expect(rows.map(([name]) => name)).toEqual(Object.keys(shape));
  });

  it.each(rows)('says of %s what it is when nothing sets it: %s', (name, fallback) => {
    expectFallback(shape, name, fallback);
  });

  it('names every level of the log', () => {
    expect(logLevels.filter(level => !page.includes(`\`${level}\``))).toEqual([]);
  });

  it('names every label, annotation and finalizer of ours and no other', () => {
    const named = [...page.matchAll(/`(reindeer\.dev\/[a-z-]+)`/g)].map(([, key = '']) => key);
    expect(new Set(named)).toEqual(new Set(ours));
  });

  it('names every label that a Job has', () => {
    const labels = Object.keys(jobManifest(aRunJob(), aRunJob()).metadata.labels ?? {});
    expect(labels.length).toBeGreaterThan(4);
    expect(labels.filter(label => !page.includes(`| \`${label}\``))).toEqual([]);
  });
});
