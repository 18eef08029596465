// `npm run build`: makes dist, where the command of package.json lies, from src. Types are checked by `npm run check`.
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.ts';

const dist = join(import.meta.dirname, '..', 'dist');

// A file whose source is gone must not live on.
rmSync(dist, { recursive: true, force: true });
await bundle(dist);
chmodSync(join(dist, 'reindeer.js'), 0o755);
