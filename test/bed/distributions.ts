import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, renameSync, rmSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';

/** The search engine that a bed has. */
export type EngineType = 'Elasticsearch' | 'OpenSearch';

/** What the program of an engine is called, and what its folders and processes are called after. */
export type EngineProgram = 'elasticsearch' | 'opensearch';

/** Releases of Java, both ends included; without `most` there is no newer one that is too new. */
export type JavaReleases = { readonly least: number; readonly most?: number };

/** A search engine as its project publishes it for tests of plugins: the server, and little besides. */
export type Distribution = {
  readonly type: EngineType;
  readonly program: EngineProgram;
  readonly version: string;
  readonly artifact: string;
  readonly sha256: string;
  readonly megabytes: number;
  /** What it starts on; absent where the Java of the bed will do. */
  readonly java?: JavaReleases;
};

export const DISTRIBUTIONS = {
  elasticsearch: {
    type: 'Elasticsearch',
    program: 'elasticsearch',
    version: '8.19.21',
    artifact: 'org.elasticsearch.distribution.integ-test-zip:elasticsearch',
    sha256: '215d5f3dbf0609a149f6218a9e47b6ae2df34ebbff3c5754e35f15a5e5393c8a',
    megabytes: 97,
  },
  opensearch: {
    type: 'OpenSearch',
    program: 'opensearch',
    version: '3.6.0',
    artifact: 'org.opensearch.distribution.integ-test-zip:opensearch',
    sha256: 'a91faa1dc1cadc78cb278b4f63847e19e1627a4e9de698e14e7efc14ee37b286',
    megabytes: 162,
    java: { least: 21 },
  },
  // The security manager, which it asks for at its start, left Java with release 24.
  opensearch2: {
    type: 'OpenSearch',
    program: 'opensearch',
    version: '2.19.4',
    artifact: 'org.opensearch.distribution.integ-test-zip:opensearch',
    sha256: '3902e642715210d1d9d7cbdcc8f5abd6f931d1d7a679cea3750937becf16c406',
    megabytes: 56,
    java: { least: 11, most: 23 },
  },
} as const satisfies Record<string, Distribution>;

export type DistributionName = keyof typeof DISTRIBUTIONS;

export function isDistribution(name: string): name is DistributionName {
  return Object.hasOwn(DISTRIBUTIONS, name);
}

/** The one that an engine is of which no more than the type is known. */
export function distributionOf(type: EngineType): DistributionName {
  return type === 'OpenSearch' ? 'opensearch' : 'elasticsearch';
}

/** What people are told that it is. */
export function distributionTitle(name: DistributionName): string {
  const { type, version } = DISTRIBUTIONS[name];
  return `${type} ${version}`;
}

/** Fills an empty folder with what the distribution holds; throws when what came is not what is expected. */
export async function fetchDistribution(
  { program, artifact, version, sha256 }: Distribution,
  folder: string,
): Promise<void> {
  await run(
    [
      ...['mvn', '--batch-mode', '-q', 'dependency:copy'],
      ...[`-Dartifact=${artifact}:${version}:zip`, `-DoutputDirectory=${folder}`],
    ],
    { cwd: folder },
  );
  const unpacked = join(folder, `${program}-${version}`);
  const found = await sha256Of(`${unpacked}.zip`);
  if (found !== sha256) throw new Error(`${program} ${version} has the checksum ${found}, expected ${sha256}`);
  await run(['unzip', '-q', `${unpacked}.zip`], { cwd: folder });
  for (const entry of readdirSync(unpacked)) renameSync(join(unpacked, entry), join(folder, entry));
  rmdirSync(unpacked);
  rmSync(`${unpacked}.zip`);
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest('hex');
}
