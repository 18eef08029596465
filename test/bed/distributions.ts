import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, renameSync, rmSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';

/** A search engine as its project publishes it for tests of plugins: the server, and little besides. */
export type Distribution = {
  readonly title: string;
  readonly version: string;
  readonly artifact: string;
  readonly sha256: string;
  readonly megabytes: number;
};

export const DISTRIBUTIONS = {
  elasticsearch: {
    title: 'Elasticsearch',
    version: '8.19.21',
    artifact: 'org.elasticsearch.distribution.integ-test-zip:elasticsearch',
    sha256: '215d5f3dbf0609a149f6218a9e47b6ae2df34ebbff3c5754e35f15a5e5393c8a',
    megabytes: 97,
  },
  opensearch: {
    title: 'OpenSearch',
    version: '3.6.0',
    artifact: 'org.opensearch.distribution.integ-test-zip:opensearch',
    sha256: 'a91faa1dc1cadc78cb278b4f63847e19e1627a4e9de698e14e7efc14ee37b286',
    megabytes: 162,
  },
} as const satisfies Record<string, Distribution>;

export type DistributionName = keyof typeof DISTRIBUTIONS;

export function isDistribution(name: string): name is DistributionName {
  return Object.hasOwn(DISTRIBUTIONS, name);
}

/** Fills an empty folder with what the distribution holds; throws when what came is not what is expected. */
export async function fetchDistribution(
  name: DistributionName,
  { artifact, version, sha256 }: Distribution,
  folder: string,
): Promise<void> {
  await run(
    [
      ...['mvn', '--batch-mode', '-q', 'dependency:copy'],
      ...[`-Dartifact=${artifact}:${version}:zip`, `-DoutputDirectory=${folder}`],
    ],
    { cwd: folder },
  );
  const unpacked = join(folder, `${name}-${version}`);
  const found = await sha256Of(`${unpacked}.zip`);
  if (found !== sha256) throw new Error(`${name} ${version} has the checksum ${found}, expected ${sha256}`);
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
