import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { conformanceVerb, type ConformanceRequest } from '../../src/cli/conformance.ts';
import { cases } from '../../src/conformance/cases.ts';
import { aCommandLine } from '../support/real/a-command-line.ts';
import { compiledMain, imageEnvironment } from '../support/real/compiled-main.ts';
import { sampleOf, seed } from '../support/objects/sampled.ts';
import { onRealEngine } from './engines.ts';

const minutes = 60_000;
const wrongWorker = join(import.meta.dirname, '..', 'support', 'real', 'wrong-worker.ts');
const names = cases.map(each => each.name);

type Checked = {
  readonly exitCode: number;
  readonly said: readonly string[];
  readonly results: Readonly<Record<string, string>>;
};

describe('the conformance test', () => {
  let node: readonly string[] = [];
  let main = '';
  beforeAll(async () => {
    main = await compiledMain();
    const env = Object.entries(await imageEnvironment(main)).map(([name, value]) => `${name}=${value}`);
    node = ['env', ...env, process.execPath, '--disable-warning=ExperimentalWarning'];
  }, minutes);

  onRealEngine((bench, address) => {
    async function check(request: Partial<ConformanceRequest>): Promise<Checked> {
      const cli = { ...aCommandLine(bench().engine, bench().prefix), address: address().access };
      const exitCode = await conformanceVerb(cli, {
        runtime: 'docker',
        command: [],
        cases: [],
        contract: '1',
        ...request,
      });
      const words = cli.said.map(line => line.split(/ +/));
      const results = words.flatMap(([is = '', name = '']) => (names.includes(name) ? [[name, is] as const] : []));
      return { exitCode, said: cli.said, results: Object.fromEntries(results) };
    }

    /** The one case about users is skipped, and says so, where the engine has none. */
    const resultOf = (name: string, is: string): string =>
      name === 'denied' && address().access.username === undefined ? 'skipped' : is;

    it(
      'is passed by our own worker, case by case, and leaves nothing behind',
      async () => {
        const before = (await bench().engine.indices.describe('conformance-*')).length;
        const { exitCode, said, results } = await check({ command: [...node, main, 'worker'] });
        const wanted = Object.fromEntries(names.map(name => [name, resultOf(name, 'ok')]));
        expect({ said, results }).toEqual({ said, results: wanted });
        const tried = names.filter(name => results[name] === 'ok').length;
        const rest = tried < names.length ? `, ${names.length - tried} skipped` : '';
        expect(said.at(-1)).toBe(`${tried} of ${names.length} cases passed${rest}`);
        expect(exitCode).toBe(0);
        expect(await bench().engine.indices.describe('conformance-*')).toHaveLength(before);
      },
      5 * minutes,
    );

    it(
      'is passed by our own worker in contract 2 as well, and refuses there what it refuses in contract 1',
      async () => {
        const chosen = ['full', 'incremental', 'locked', 'bad-configuration', 'gone-commit', 'higher-token'];
        const command = [...node, main, 'worker'];
        const { exitCode, said, results } = await check({ command, cases: chosen, contract: '2' });
        expect({ said, results }).toEqual({ said, results: Object.fromEntries(chosen.map(name => [name, 'ok'])) });
        expect(exitCode).toBe(0);
      },
      5 * minutes,
    );

    /** Of each defect: cases that must find it, and one that it has nothing to do with. */
    const defects: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
      ['does nothing and says that it is done', { full: 'failed', 'bad-configuration': 'failed' }],
      ['writes no termination message', { full: 'ok', 'termination-message': 'failed' }],
      ['indexes the head of the branch', { 'pinned-commit': 'failed', denied: 'ok' }],
      ['ignores the lock of the alias', { full: 'ok', locked: 'failed' }],
      ['writes through the public alias', { full: 'ok', 'public-alias': 'failed' }],
      ['is deaf to SIGTERM', { 'gone-commit': 'ok', sigterm: 'failed' }],
      ['writes past the fence', { noop: 'failed', 'alias-gone': 'failed' }],
      ['ends with 1 whatever is wrong', { 'gone-commit': 'failed', denied: 'failed', 'higher-token': 'failed' }],
      ['ends with 0 whatever is wrong', { full: 'ok', 'bad-configuration': 'failed', 'lock-lost': 'failed' }],
    ];
    it.each(sampleOf(3, defects))(
      `finds a worker that %s (seed ${seed})`,
      async (defect, expected) => {
        const { exitCode, said, results } = await check({
          command: [...node, wrongWorker, main, defect],
          cases: Object.keys(expected),
        });
        const wanted = Object.entries(expected).map(([name, is]) => [name, resultOf(name, is)] as const);
        expect({ said, results }).toEqual({ said, results: Object.fromEntries(wanted) });
        expect(exitCode).toBe(1);
      },
      5 * minutes,
    );

    it.each<readonly [string, Partial<ConformanceRequest>, string]>([
      ['nothing to test', {}, '--image IMAGE'],
      ['an image and a command', { image: 'a', command: ['b'] }, '--image IMAGE'],
      ['a case that does not exist', { command: ['b'], cases: ['c'] }, 'full, noop'],
    ])('is refused with %s', async (_row, request, said) => {
      await expect(check(request)).rejects.toThrow(said);
    });
  });
});
