// `npm run render`: writes deploy/ anew from the chart. Needs Helm, which is built with Go at the first time; `npm run generate` does not.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployFiles } from './deploy-files.ts';

for (const { path, content } of await deployFiles()) {
  writeFileSync(join(import.meta.dirname, '..', path), content);
  console.log(`wrote ${path}`);
}
