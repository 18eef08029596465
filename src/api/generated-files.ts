import { dump } from 'js-yaml';
import { chartFiles } from './chart-files.ts';
import { crdOf, kinds } from './crd.ts';
import type { GeneratedFile } from './generated-file.ts';
import { reasonsPage } from './reasons-page.ts';
import { situationsPage } from './situations-page.ts';

const yamlHeader = '# Made from src/api by `npm run generate`; edits are lost.\n';

/** Everything that `npm run generate` writes. Whatever else is made from the source adds its files to this list. */
export function generatedFiles(): readonly GeneratedFile[] {
  const crds = crdFiles();
  return [
    ...crds,
    ...chartFiles(crds),
    { path: 'docs/reasons.md', content: reasonsPage() },
    { path: 'docs/situations.md', content: situationsPage() },
  ];
}

/** The CRDs, one file per kind. */
export function crdFiles(): readonly GeneratedFile[] {
  return kinds.map(kind => ({ path: `crds/${kind.resource.plural}.yaml`, content: yamlOf(crdOf(kind)) }));
}

/** YAML in the order of the object, with a line that says where the file comes from. */
export function yamlOf(object: object): string {
  return yamlHeader + dump(object, { lineWidth: 120, noRefs: true });
}
