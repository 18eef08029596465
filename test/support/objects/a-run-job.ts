import type { AssignmentOf, IndexWork } from '../../../src/work/assignment.ts';
import type { PodPlace } from '../../../src/work/pod-place.ts';
import { plainWorkers } from './plain-workers.ts';

export type PodJob = AssignmentOf<IndexWork> & PodPlace;

/** An assignment of team/kibana, with a Secret, a CA and a place of its own; what is given is another. */
export function aRunJob({
  work = {},
  ...given
}: Partial<Omit<PodJob, 'work'>> & { work?: Partial<IndexWork> } = {}): PodJob {
  return {
    namespace: 'team',
    id: 'kibana-light-1f',
    owner: {
      apiVersion: 'reindeer.dev/v1alpha1',
      kind: 'IndexedRepo',
      name: 'kibana',
      uid: 'kibana-uid',
      controller: true,
    },
    repo: 'kibana',
    image: 'reindeer:1',
    imagePullSecrets: ['registry'],
    workers: plainWorkers,
    pod: {
      resources: { limits: { memory: '1Gi' } },
      nodeSelector: { pool: 'build' },
      tolerations: [{ key: 'x' }],
      priorityClassName: 'low',
    },
    engine: {
      endpoints: ['https://one:9200', 'https://two:9200'],
      user: { name: { name: 'engine', key: 'username' }, password: { name: 'engine', key: 'password' } },
      ca: { name: 'engine-ca', key: 'tls.crt' },
      settingsIndex: 'reindeer-settings',
    },
    gitSecret: 'git',
    deadlineSeconds: 3600,
    allowedGitHosts: ['git.corp', '*.example.org'],
    podRetries: 2,
    run: 'run-uid',
    kind: 'Heavy',
    step: 'catch-up',
    attempt: 1,
    token: 7,
    work: {
      program: 'index',
      mode: 'incremental',
      alias: 'kibana',
      index: 'kibana-v3',
      commit: 'c2'.padEnd(40, '0'),
      base: 'c1'.padEnd(40, '0'),
      source: {
        url: 'https://git.example.org/k.git',
        ref: 'main',
        include: ['src/**'],
        exclude: ['**/x "y"'],
        maxFileBytes: 2048,
      },
      partitions: 1,
      duringReindex: 'Skip',
      ...work,
    },
    ...given,
  };
}
