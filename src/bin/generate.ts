import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { chartReadme } from '../api/chart-readme.ts';
import { chartValues, describedSchema } from '../api/chart-values.ts';
import type { GeneratedFile } from '../api/generated-file.ts';
import { generatedFiles } from '../api/generated-files.ts';
import { metricsPage } from '../operator/metrics-page.ts';
import { phasesPage } from '../runs/phases-page.ts';

/**
 * Writes every file that is made from the source. With `--check` it writes nothing, names each file that is not
 * current, and ends with 1 if there is one.
 */

const root = join(import.meta.dirname, '..', '..');

async function isCurrent({ path, content }: GeneratedFile): Promise<boolean> {
  try {
    return (await readFile(join(root, path), 'utf8')) === content;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

const chart = 'charts/reindeer';

/** What is made from the comments of values.yaml. */
async function documentedChart(): Promise<readonly GeneratedFile[]> {
  const values = chartValues(await readFile(join(root, chart, 'values.yaml'), 'utf8'));
  const schema = await readFile(join(root, chart, 'values.schema.json'), 'utf8');
  return [
    { path: `${chart}/README.md`, content: chartReadme(values) },
    { path: `${chart}/values.schema.json`, content: describedSchema(schema, values) },
  ];
}

const made: readonly GeneratedFile[] = [
  ...generatedFiles(),
  { path: 'docs/metrics.md', content: metricsPage() },
  { path: 'docs/phases.md', content: phasesPage() },
  ...(await documentedChart()),
];

async function staleFiles(): Promise<readonly GeneratedFile[]> {
  const files = await Promise.all(made.map(async file => ({ file, current: await isCurrent(file) })));
  return files.filter(({ current }) => !current).map(({ file }) => file);
}

async function write({ path, content }: GeneratedFile): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
  console.log(`wrote ${path}`);
}

const stale = await staleFiles();
if (process.argv.includes('--check')) {
  for (const { path } of stale) console.error(`not current: ${path} (npm run generate writes it)`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const file of stale) await write(file);
}
