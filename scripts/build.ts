// `npm run build`: compiles src to dist, where the command of package.json lies.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const checkout = join(import.meta.dirname, '..');
const command = join(checkout, 'dist', 'bin', 'reindeer.js');

// A file whose source is gone must not live on.
rmSync(join(checkout, 'dist'), { recursive: true, force: true });
const compiler = join(checkout, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: checkout,
  stdio: 'inherit',
});
if (status === 0 && existsSync(command)) chmodSync(command, 0o755);
process.exitCode = status ?? 1;
