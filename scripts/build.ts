// `npm run build`: compiles src to dist, where the command of package.json lies, and puts the grammars beside it.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { grammarFiles, parserRuntime } from '../src/domain/grammars.ts';
import { packagedPath } from '../src/workers/index/syntax/grammar-file.ts';

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
// The packages hold much else; these files are all that is read of them.
const grammars = join(checkout, 'dist', 'grammars');
mkdirSync(grammars, { recursive: true });
for (const file of [...Object.values(grammarFiles), parserRuntime]) {
  copyFileSync(packagedPath(file), join(grammars, basename(file.file)));
}
process.exitCode = status ?? 1;
