import { copyFileSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cached, contentKey } from '../bed/cache.ts';
import { run } from '../bed/command.ts';

const checkout = join(import.meta.dirname, '..', '..');

/**
 * The path of `main.js` as the image has it: compiled, because a Job does not strip types at its start. Kept per content of
 * `src`, outside of the checkout; types are not checked here.
 */
export async function compiledMain(): Promise<string> {
  const src = join(checkout, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  const texts = files.sort().flatMap(file => [file, readFileSync(join(src, file), 'utf8')]);
  const folder = await cached('compiled-main', contentKey({ texts: [checkout, ...texts] }), async unfinished => {
    const compiler = join(checkout, 'node_modules', 'typescript', 'bin', 'tsc');
    const out = ['--outDir', join(unfinished, 'dist'), '--noCheck'];
    await run([process.execPath, compiler, '-p', join(checkout, 'tsconfig.build.json'), ...out]);
    copyFileSync(join(checkout, 'package.json'), join(unfinished, 'package.json'));
    symlinkSync(join(checkout, 'node_modules'), join(unfinished, 'node_modules'));
  });
  return join(folder, 'dist', 'bin', 'main.js');
}
