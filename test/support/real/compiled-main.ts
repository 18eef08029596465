import { copyFileSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from '../../../scripts/bundle.ts';
import { cached, contentKey } from '../../bed/cache.ts';
import { run } from '../../bed/command.ts';

const checkout = join(import.meta.dirname, '..', '..', '..');
/** What goes into the programs, beside src. */
const inputs = ['package-lock.json', 'scripts/bundle.ts'];

/** The path of `main.js` as the image has it. Kept per content, outside of the checkout. */
export async function compiledMain(): Promise<string> {
  const src = join(checkout, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  const paths = [...files.sort().map(file => join('src', file)), ...inputs];
  const texts = paths.flatMap(path => [path, readFileSync(join(checkout, path), 'utf8')]);
  const folder = await cached('compiled-main', contentKey({ texts }), async unfinished => {
    await bundle(join(unfinished, 'dist'));
    copyFileSync(join(checkout, 'package.json'), join(unfinished, 'package.json'));
  });
  return join(folder, 'dist', 'main.js');
}

/** The environment that the image gives its programs: with what Node compiles kept since their first start. */
export async function imageEnvironment(main: string): Promise<Readonly<Record<string, string>>> {
  const kept = join(main, '..', '..', 'compile-cache');
  const env = { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', NODE_COMPILE_CACHE: kept };
  // Ends at once, for want of an environment; by then everything is loaded.
  if (!existsSync(kept)) await run([process.execPath, main, 'worker'], { env }).catch(() => undefined);
  return env;
}
