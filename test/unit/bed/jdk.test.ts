import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jdkHome } from '../../bed/tools.ts';

const named = 'OPENSEARCH_JAVA_HOME';
const before = process.env[named];
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reindeer-jdk-'));
  process.env[named] = home;
});
afterEach(() => {
  rmSync(home, { recursive: true });
  if (before === undefined) Reflect.deleteProperty(process.env, named);
  else process.env[named] = before;
});

function aJdk(version: string): void {
  mkdirSync(join(home, 'bin'));
  writeFileSync(join(home, 'bin', 'java'), '');
  chmodSync(join(home, 'bin', 'java'), 0o755);
  writeFileSync(join(home, 'release'), `IMPLEMENTOR="somebody"\nJAVA_VERSION="${version}"\n`);
}

describe('the JDK that OpenSearch starts on', () => {
  it.each(['21', '21.0.4', '25.0.1'])('is the one that is named, of version %s', version => {
    aJdk(version);
    expect(jdkHome({ least: 21 })).toBe(home);
  });

  it.each(['1.8.0_402', '17.0.15'])('is never an older one: %s', version => {
    aJdk(version);
    expect(jdkHome({ least: 21 })).not.toBe(home);
  });

  it.each<[string, boolean]>([
    ['10.0.2', false],
    ['11.0.4', true],
    ['23', true],
    ['24', false],
    ['25.0.1', false],
  ])('is never one that is too new for it either: %s, fit: %s', (version, isFit) => {
    aJdk(version);
    expect(jdkHome({ least: 11, most: 23 }) === home).toBe(isFit);
  });

  it('is no folder that holds none', () => {
    expect(jdkHome({ least: 21 })).not.toBe(home);
  });
});
