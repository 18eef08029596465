import { dump } from 'js-yaml';
import type { GeneratedFile } from '../src/api/generated-file.ts';
import { crdFiles } from '../src/api/generated-files.ts';
import { deployNamespace, renderedByTemplate, type Rendered } from './chart.ts';

const header = '# Rendered from charts/reindeer by `npm run render`; edits are lost.\n';

/** True of an object that Helm installed, and of no other. */
const helmLabels: readonly string[] = ['helm.sh/chart', 'app.kubernetes.io/managed-by'];
const helmAnnotations: readonly string[] = ['helm.sh/resource-policy'];

/** A Namespace whose pods must meet the restricted pod security standard; the chart leaves namespaces to its user. */
const namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: deployNamespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
};

const kustomizationHead = `# The same objects as the chart's with its defaults: kubectl apply --server-side -k deploy
# An overlay that changes the image changes it twice: of the container, and in its variable REINDEER_IMAGE (for the Jobs).
`;

/** The chart's objects with its defaults, one file per template; `npm run generate` copies the CRDs beside them. */
export async function deployFiles(): Promise<readonly GeneratedFile[]> {
  const templates = await renderedByTemplate('--set', 'crds.enabled=false');
  const files = [...templates].map(([name, objects]) => fileOf(name, objects.map(withoutHelm)));
  const resources = ['namespace.yaml', ...crdFiles().map(({ path }) => path), ...templates.keys()];
  const kustomization = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources };
  return [
    { path: 'deploy/kustomization.yaml', content: header + kustomizationHead + yaml(kustomization) },
    fileOf('namespace.yaml', [namespace]),
    ...files,
  ];
}

/** The object as it is when no Helm manages it. */
export function withoutHelm(object: Rendered): Rendered {
  const { labels = {}, annotations = {} } = object.metadata;
  const kept = {
    labels: without(labels, helmLabels),
    annotations: without(annotations, helmAnnotations),
  };
  const filled = Object.entries(kept).filter(([, value]) => Object.keys(value).length > 0);
  const { labels: _labels, annotations: _annotations, ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, ...Object.fromEntries(filled) } };
}

function without(map: Readonly<Record<string, string>>, keys: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}

function fileOf(name: string, objects: readonly object[]): GeneratedFile {
  return { path: `deploy/${name}`, content: header + objects.map(yaml).join('---\n') };
}

function yaml(object: object): string {
  return dump(object, { lineWidth: 120, noRefs: true });
}
