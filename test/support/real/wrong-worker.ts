// A worker that keeps to the contract but for one defect, which its second argument names: what the conformance test must find.
// The first one is the program that keeps to it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { connect } from '../../../src/engine/connect.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { accessTo } from './bed-engine.ts';

const [, , sound = '', defect = ''] = process.argv;
const env = { ...process.env };

async function main(): Promise<number> {
  if (defect === 'does nothing and says that it is done') return 0;
  if (defect === 'writes no termination message') env['REINDEER_TERMINATION_LOG'] = '/nonexistent/file';
  if (defect === 'indexes the head of the branch') env['REINDEER_COMMIT'] = await headOf();
  if (defect === 'ignores the lock of the alias') env['REINDEER_DURING_REINDEX'] = 'Continue';
  const child = spawn(process.execPath, [sound, 'worker'], { env, stdio: 'inherit' });
  process.on('SIGTERM', () => {
    if (defect !== 'is deaf to SIGTERM') child.kill('SIGTERM');
  });
  await once(child, 'close');
  if (defect === 'writes through the public alias') await write(env['REINDEER_ALIAS'] ?? '');
  if (defect === 'writes past the fence') await write(env['REINDEER_INDEX'] ?? '');
  if (defect === 'ends with 1 whatever is wrong') return child.exitCode === 0 ? 0 : 1;
  if (defect === 'ends with 0 whatever is wrong') return 0;
  return child.exitCode ?? 1;
}

async function headOf(): Promise<string> {
  const ca = join(env['REINDEER_GIT_SECRET_DIR'] ?? '', 'ca.crt');
  const args = ['-c', `http.sslCAInfo=${ca}`, 'ls-remote', env['REINDEER_REPO_URL'] ?? '', 'refs/heads/main'];
  const git = spawn('git', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  git.stdout.on('data', piece => (output += String(piece)));
  await once(git, 'close');
  return output.slice(0, 40);
}

/** One chunk that nobody asked for, with no condition at all. */
async function write(target: string): Promise<void> {
  const engine = connect({
    ...accessTo({
      url: env['SEARCH_ENDPOINT'] ?? '',
      username: env['SEARCH_USERNAME'] ?? '',
      password: env['SEARCH_PASSWORD'] ?? '',
      caFile: env['SEARCH_CA_CERT'] ?? '',
    }),
    clock: systemClock,
  });
  const lines = [{ index: { _id: 'stray' } }, { doc: 'chunk', filePath: 'stray.txt', content: 'stray' }];
  const ndjson = Buffer.from(lines.map(line => `${JSON.stringify(line)}\n`).join(''));
  // A block passes; a target that is not there does not.
  for (let tries = 0; tries < 100; tries += 1) {
    const { items } = await engine.documents.bulk(ndjson, { target, requireAlias: false });
    if (items[0]?.status !== 403) break;
    await systemClock.sleep(100);
  }
  await engine.close();
}

process.exitCode = await main();
