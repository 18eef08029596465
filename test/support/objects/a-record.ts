import type { Holder, Owner, PartRecord, RunRecord, VersionRecord } from '../../../src/domain/records.ts';
import { freeLease } from '../../../src/registry/records.ts';

export function anOwner(given: Partial<Owner> = {}): Owner {
  return { clusterUuid: 'cluster', namespace: 'search', name: 'kibana', uid: 'owner-1', ...given };
}

export function aHolder(given: Partial<Holder> = {}): Holder {
  return { kind: 'Light', name: 'Job/kibana-light-1', uid: 'job-1', pod: 'pod-1', ...given };
}

export function aVersionRecord(given: Partial<VersionRecord> = {}): VersionRecord {
  return {
    kind: 'version',
    alias: 'kibana',
    index: 'kibana-v1',
    number: 1,
    ownerUid: 'owner-1',
    phase: 'Building',
    commit: null,
    base: null,
    tree: null,
    branch: 'main',
    repoUrl: 'https://git.example.org/kibana.git',
    schema: 1,
    chunkerHash: 'chunker',
    selectionHash: 'selection',
    shapeHash: 'shape',
    files: 0,
    chunks: 0,
    skipped: 0,
    fingerprint: '',
    workerImage: 'worker:1',
    clean: true,
    since: '2026-01-01T00:00:00Z',
    writer: freeLease,
    ...given,
  };
}

export function aRunRecord(given: Partial<RunRecord> = {}): RunRecord {
  return {
    kind: 'run',
    uid: 'job-1',
    alias: 'kibana',
    index: 'kibana-v1',
    mode: 'full',
    outcome: 'running',
    reason: '',
    message: '',
    commit: '',
    unit: 'Files',
    done: 0,
    total: 10,
    perSecond: 1.5,
    heartbeat: '2026-01-01T00:00:00Z',
    started: '2026-01-01T00:00:00Z',
    attempts: 1,
    ...given,
  };
}

export function aPartRecord(given: Partial<PartRecord> = {}): PartRecord {
  const counts = { files: 0, chunks: 0, skipped: 0, fingerprint: '', tree: '' };
  return { ...aRunRecord(), kind: 'part', partition: 0, partitions: 3, ...counts, lease: freeLease, ...given };
}
