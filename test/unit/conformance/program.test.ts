import { describe, expect, it } from '@jest/globals';
import { containerCall } from '../../../src/conformance/program.ts';

const launch = {
  env: { REINDEER_MODE: 'full', SEARCH_PASSWORD: 'canary' },
  gitSecretDir: '/tmp/git',
  engineCaFile: '/tmp/ca.crt',
  folder: '/tmp',
  message: '/tmp/message',
};

describe('an image under test', () => {
  const { args, env } = containerCall('worker:1', launch);

  it('runs as the Job of an operator does: arguments, user, nothing writable but /tmp', () => {
    expect(args.slice(-2)).toEqual(['worker:1', 'worker']);
    expect(args.join(' ')).toMatch(/--read-only --user 65532:65532 --cap-drop ALL .*--tmpfs \/tmp/);
    expect(args.join(' ')).toContain('/tmp/message:/dev/termination-log');
  });

  it('gets every variable by name, so that no secret stands in the arguments', () => {
    expect(args.join(' ')).not.toContain('canary');
    expect(env).toMatchObject({ ...launch.env, SEARCH_CA_CERT: '/var/run/reindeer/engine-ca/ca.crt' });
    for (const name of Object.keys(env)) expect(args).toContain(name);
  });

  it('gets no CA file where the engine needs none', () => {
    const without = containerCall('worker:1', { ...launch, engineCaFile: undefined });
    expect(without.env).toMatchObject({ SEARCH_CA_CERT: '' });
    expect(without.args.join(' ')).not.toContain('engine-ca');
  });
});
