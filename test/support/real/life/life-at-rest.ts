import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { IndexedRepo } from '../../../../src/api/indexed-repo.ts';
import { findCondition } from '../../../../src/domain/conditions.ts';
import { versionName } from '../../../../src/domain/version.ts';
import { eventually } from '../../checks/eventually.ts';
import { expectOneVersion } from '../../checks/expect-one-version.ts';
import { expectContent } from '../../checks/expect-tree.ts';
import { treeOfCommit } from '../../checks/git-tree.ts';
import { indexedTree } from '../../checks/indexed-tree.ts';
import { dumpVersion } from '../../checks/version-dump.ts';
import { heal } from '../control-stage.ts';
import { forward, type Exchange } from '../http-fault-proxy.ts';
import type { LifeCount } from './life-count.ts';
import type { LifeObserver } from './life-observer.ts';
import { endOf } from './life-runs.ts';
import type { LivingRepo } from './living-repo.ts';
import type { LifeScene } from './scene.ts';

const byItselfMs = 120_000;
const restsWithinMs = 180_000;
/** What just ended is still told as an event. */
const settlesMs = 5_000;

type Rest = { readonly silenceMs: number; readonly count: LifeCount };

/** Takes all faults away, waits until nothing is under way, and writes into the record whatever is not as it has to be. */
export async function untilAllAtRest(
  scene: LifeScene,
  observer: LifeObserver,
  repos: readonly LivingRepo[],
  { silenceMs, count }: Rest,
): Promise<void> {
  const { stage, runs, record } = scene;
  heal(stage);
  scene.api.fate = () => forward;
  scene.git.fate = () => forward;
  scene.kubeWire.heal();
  const restless = (): readonly string[] => [
    ...repos.flatMap(repo => unrest(repo, observer.repo(repo.name))),
    ...runs.seen.flatMap(each => (endOf(each) === undefined ? [`${each.metadata.name}: ${each.status.phase}`] : [])),
  ];
  // A sample does not wait for schedules.
  if (silenceMs === 0) for (const repo of repos) await repo.tell(`last ${repo.head}`);
  // By their schedules alone, as most pushes are found.
  await eventually('all is at rest', byItselfMs, () => restless().length === 0, restless).catch(async () => {
    const late = repos.filter(repo => unrest(repo, observer.repo(repo.name)).length > 0);
    record.remark(
      `${late.length} were not at rest after ${byItselfMs / 1000} s: ${late.map(({ name }) => name).join()}`,
    );
    for (const repo of late) await repo.tell(`last ${repo.head}`);
  });
  await eventually('all is at rest', restsWithinMs, () => restless().length === 0, restless).catch((error: unknown) => {
    runs.trouble.push(String(error).slice(0, 3000));
  });
  for (const run of runs.runs) {
    const request = runs.at(run.name);
    count.ended(run, request);
    const end = request && endOf(request);
    const isFine = request === undefined ? run.isDeleted : end !== undefined && (run.isDeleted || run.may.has(end));
    const why = request && findCondition(request.status.conditions, 'Finished')?.message;
    if (!isFine) runs.trouble.push(`${run.name} (${run.what}) ended as ${end ?? 'gone'}: ${why ?? ''}`);
  }
  count.automatic = runs.seen.length - runs.runs.filter(({ name }) => runs.at(name)).length;
  if (silenceMs > 0) count.silence = await listen(scene, silenceMs);
  for (const repo of repos) record.sampled(await problemsOf(scene, repo));
  record.sampled(runs.trouble);
  if (count.silence) record.sampled(count.silence.writes.slice(0, 3).map(write => `I9: ${write} at rest`));
}

function unrest({ name, head }: LivingRepo, found: IndexedRepo | undefined): readonly string[] {
  const { metadata, status } = found ?? {};
  const holds = (type: string, wanted: string): boolean => findCondition(status?.conditions, type)?.status === wanted;
  const isAtRest = status?.observedGeneration === metadata?.generation && holds('Reconciling', 'False');
  return isAtRest && status?.live?.commit === head && holds('Ready', 'True') && holds('Fresh', 'True')
    ? []
    : [`${name} at ${status?.live?.commit?.slice(0, 7) ?? 'nothing'}, not ${head.slice(0, 7)}: ${reasons(status)}`];
}

function reasons(status: IndexedRepo['status'] | undefined): string {
  return (status?.conditions ?? []).map(({ type, status: is, reason }) => `${type}=${is} ${reason}`).join(', ');
}

/** One version that serves, what is retained beside it, nothing held, and of the last commit every file and every text. */
async function problemsOf({ stage }: LifeScene, { name, head, declared }: LivingRepo): Promise<readonly string[]> {
  const { engine, settings } = stage;
  try {
    const record = (await settings.aliasRecord(name))?.source;
    const live = versionName(name, record?.live ?? 0);
    const retired = (record?.retired ?? []).map(number => versionName(name, number));
    await expectOneVersion(stage, declared, { live, retired, commit: head });
    const { repository } = declared;
    await expectContent({ engine, settings, history: { repository: repository.path } }, live, head);
    const held = [...indexedTree(await dumpVersion(engine, live))].map(([path, said]) => [
      path,
      said.is === 'indexed' ? said.text : said.is,
    ]);
    const wanted = (await treeOfCommit(repository.path, head)).map(({ path, text }) => [path, text]);
    return [
      ...(isDeepStrictEqual(held.toSorted(), wanted.toSorted()) ? [] : [`I2: ${live} holds other texts than ${head}`]),
      ...(record?.candidate === null ? [] : [`${name} has candidate ${record?.candidate ?? 'of no record'}`]),
      ...(isDeepStrictEqual(record?.writeSet, [record?.live]) ? [] : [`${name} writes to ${record?.writeSet.join()}`]),
    ];
  } catch (error) {
    return [`${name}: ${String(error).slice(0, 1500)}`];
  }
}

/** I9: writes of the operators to Kubernetes but the Lease, and of anybody to the engine through its relay. */
async function listen({ stage, api }: LifeScene, forMs: number): Promise<NonNullable<LifeCount['silence']>> {
  await sleep(settlesMs);
  const writes: string[] = [];
  const hear =
    (isWrite: (exchange: Exchange) => boolean) =>
    (exchange: Exchange): typeof forward => {
      if (isWrite(exchange)) writes.push(`${exchange.method} ${exchange.path}`);
      return forward;
    };
  api.fate = hear(({ method, path }) => method !== 'GET' && !path.includes('/leases'));
  stage.engineWire.fate = hear(
    ({ method, path }) => method === 'PUT' || method === 'DELETE' || /_bulk$|^\/_aliases$/.test(path),
  );
  await sleep(forMs);
  api.fate = () => forward;
  stage.engineWire.fate = () => forward;
  return { seconds: forMs / 1000, writes };
}
