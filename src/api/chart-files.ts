import { dump } from 'js-yaml';
import type { GeneratedFile } from './generated-file.ts';
import { peoplePermissions } from './people-rbac.ts';
import {
  clusterPermissions,
  leasePermissions,
  ownNamespacePermissions,
  watchedPermissions,
  type Permission,
} from './rbac.ts';

const folder = 'charts/reindeer/files';
/** Neither Helm nor Kustomize reads a file outside of its own folder, so both get copies of the CRDs. */
const crdFolders = [folder, 'deploy'] as const;
const header = '# Made from src/api by `npm run generate`; edits are lost.\n';

/** What the chart's templates and deploy/ read: copies of the CRDs, and every list of rules of the chart's roles. */
export function chartFiles(crds: readonly GeneratedFile[]): readonly GeneratedFile[] {
  return [
    ...crdFolders.flatMap(to => crds.map(({ path, content }) => ({ path: `${to}/${path}`, content }))),
    rulesFile('watched', watchedPermissions),
    rulesFile('leases', leasePermissions),
    rulesFile('cluster', clusterPermissions),
    rulesFile('own-namespace', ownNamespacePermissions),
    rulesFile('view', peoplePermissions.view),
    rulesFile('edit', peoplePermissions.edit),
    rulesFile('admin', peoplePermissions.admin),
  ];
}

function rulesFile(name: string, permissions: readonly Permission[]): GeneratedFile {
  const rules = permissions.map(
    ({ why, ...rule }) => `# ${why}\n${dump([rule], { lineWidth: 120, flowLevel: 2, noRefs: true })}`,
  );
  return { path: `${folder}/rules-${name}.yaml`, content: header + rules.join('') };
}
