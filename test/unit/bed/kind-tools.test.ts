import { describe, expect, it } from '@jest/globals';
import { KIND_VERSION } from '../../bed/components.ts';
import { lackingForBuiltKind, lackingForKind } from '../../bed/kind-tools.ts';
import type { KindTools } from '../../bed/kind-tools.ts';

const docker = { operatingSystem: 'Ubuntu 24.04', securityOptions: ['name=seccomp,profile=default'] };
const complete: KindTools = {
  platform: 'linux',
  docker,
  kind: KIND_VERSION,
  absent: [],
  hasGo: false,
  ownEngine: ['an engine of the bed needs root and Debian'],
};

describe('what lacks for a bed of kind', () => {
  it('is nothing with Docker, the right kind, kubectl and helm', () => {
    expect(lackingForKind(complete)).toEqual([]);
    expect(lackingForBuiltKind(complete)).toEqual([]);
  });

  it.each<[string, Partial<KindTools>, RegExp]>([
    ['a client without its daemon', { docker: undefined }, /Docker does not answer/],
    ['another system', { platform: 'darwin' }, /needs Linux/],
    ['containers in a machine of their own', { docker: { ...docker, operatingSystem: 'Docker Desktop' } }, /Desktop/],
    ['a rootless daemon', { docker: { ...docker, securityOptions: ['name=rootless'] } }, /rootless/],
    ['remapped users', { docker: { ...docker, securityOptions: ['name=userns'] } }, /remapped/],
    ['no kind', { kind: undefined }, /kind is missing/],
    ['a kind whose nodes are others', { kind: 'v0.30.0' }, /v0\.30\.0 is here/],
    ['no helm', { absent: ['helm'] }, /helm is missing.*helm\.sh/],
  ])('is told of %s', (_, part, expected) => {
    const lacking = lackingForKind({ ...complete, ...part });
    expect(lacking).toHaveLength(1);
    expect(lacking[0]).toMatch(expected);
  });

  it('takes a later patch of the same kind', () => {
    expect(lackingForKind({ ...complete, kind: KIND_VERSION.replace(/\d+$/, '9') })).toEqual([]);
  });

  it('is nothing that Go can build, to those who ask for kind', () => {
    expect(lackingForBuiltKind({ ...complete, kind: undefined, absent: ['kubectl', 'helm'], hasGo: true })).toEqual([]);
  });

  it('is not even Docker where the bed may start an engine of its own', () => {
    expect(lackingForBuiltKind({ ...complete, docker: undefined, kind: undefined, ownEngine: [] })).toEqual([]);
  });

  it('is told of both ways where neither is open', () => {
    const lacking = lackingForBuiltKind({ ...complete, docker: undefined });
    expect(lacking.join('\n')).toMatch(/Docker does not answer[^]*needs root and Debian/);
  });
});
