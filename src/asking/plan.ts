import { isDeepStrictEqual } from 'node:util';
import { exitCodes } from '../api/exit-codes.ts';
import { indexedRepoKind } from '../api/indexed-repo.ts';
import { problemsOf } from '../api/kind.ts';
import { apiVersion } from '../api/meta.ts';
import type { NewObject } from '../api/object.ts';
import { reindexRequestResource } from '../api/reindex-request.ts';
import { DeclinedError } from '../reading/declined.ts';
import type { Desk } from '../reading/desk.ts';
import { follow } from '../reading/follow.ts';
import { endOf, type Run, runOf } from '../reading/run.ts';
import type { Manifest } from './manifest.ts';
import { newName, requestNamed } from './new-request.ts';

/** The object of a plan goes by itself this long after its end, whatever happens to the program that made it. */
const leftAtMost = '10m';
/** Removing it is tried this often, a second apart. */
const tries = 3;

/** How far a plan came; only one that is over says what would be done. */
export type Planned = {
  readonly is: 'over' | 'unanswered' | 'interrupted';
  readonly run: Run;
  /** Name of the request that could not be removed. */
  readonly left: string | undefined;
};

/**
 * Has the operator look whether a run could work: a dry run of it is made, waited for, and removed again in any case. What
 * the API server calls invalid is refused before that.
 */
export async function plan(desk: Desk, asked: Manifest, timeoutMs: number): Promise<Planned> {
  const { stem, spec } = asked.kind === 'IndexedRepo' ? await rebuildOf(desk, asked) : await requestIn(desk, asked);
  const name = newName(`${stem}-plan`);
  const dry = { ...spec, dryRun: true, ttlAfterFinished: leftAtMost };
  let left: string | undefined;
  let waited: Omit<Planned, 'left'>;
  try {
    waited = await waitedFor(desk, await create(desk, requestNamed(desk, name, dry)), timeoutMs);
  } finally {
    left = (await isRemoved(desk, name)) ? undefined : name;
  }
  return { ...waited, left };
}

type Asked = { readonly stem: string; readonly spec: Readonly<Record<string, unknown>> };

/** What only a run itself reads: a dry run neither waits for people nor for time. */
const ofRunsAlone = ['paused', 'abort', 'approved', 'gates', 'bake', 'ttlAfterFinished'];

async function requestIn(desk: Desk, { metadata, spec }: Manifest): Promise<Asked> {
  const stem = (metadata.name ?? metadata.generateName ?? 'request').toLowerCase().replace(/[^a-z0-9.-]/g, '-');
  await desk.trial.create(reindexRequestResource, requestNamed(desk, newName(`${stem}-plan`), spec));
  return { stem, spec: Object.fromEntries(Object.entries(spec).filter(([field]) => !ofRunsAlone.includes(field))) };
}

/** The rebuild that the operator would make for it. */
async function rebuildOf(desk: Desk, { metadata: { name }, spec }: Manifest): Promise<Asked> {
  const bad = (why: string): DeclinedError => new DeclinedError(exitCodes.badConfiguration, why);
  if (name === undefined) throw bad('an IndexedRepo is planned by its name: give metadata.name');
  const { resource } = indexedRepoKind;
  const declared = indexedRepoKind.spec.safeParse(spec);
  if (!declared.success) throw bad(`IndexedRepo ${name}: ${problemsOf(declared.error, 'spec').join('; ')}`);
  const stored = await desk.kube.get(resource, { namespace: desk.namespace, name });
  const next = 'apply it with spec.paused, which builds nothing, and plan again';
  if (stored === undefined) {
    const there = `IndexedRepo ${name} is valid, but not in namespace ${desk.namespace}, and a plan is about what is there`;
    const metadata = { namespace: desk.namespace, name };
    await desk.trial.create(resource, { apiVersion, kind: resource.kind, metadata, spec });
    throw new DeclinedError(exitCodes.refGone, `${there}: ${next}`);
  }
  const differing = differences(declared.data, indexedRepoKind.spec.safeParse(stored.spec).data);
  if (differing.length > 0) throw bad(`IndexedRepo ${name} is there with another ${differing.join(', ')}: ${next}`);
  return { stem: name, spec: { ...templateOf(spec), target: { repoRef: { name } }, strategy: 'Rebuild' } };
}

/** Top fields of the spec that are not the same, but for what begins no rebuild. */
function differences(declared: object, stored: object = {}): readonly string[] {
  const [one, other] = [declared, stored].map(spec => new Map<string, unknown>(Object.entries(spec)));
  const fields = [...new Set([...(one?.keys() ?? []), ...(other?.keys() ?? [])])].filter(field => field !== 'paused');
  return fields.filter(field => !isDeepStrictEqual(one?.get(field), other?.get(field))).map(field => `spec.${field}`);
}

function templateOf({ rebuild }: Manifest['spec']): object {
  const template = typeof rebuild === 'object' && rebuild !== null && 'template' in rebuild ? rebuild.template : {};
  const fields = Object.entries(template ?? {}).filter(([field]) => !ofRunsAlone.includes(field));
  return Object.fromEntries(fields);
}

async function create({ kube }: Desk, request: NewObject): Promise<Run> {
  const made = await kube.create(reindexRequestResource, request);
  if (made !== 'exists') return runOf(made);
  throw new DeclinedError(exitCodes.transient, `${request.metadata.name} exists already: run the same command again`);
}

async function waitedFor(desk: Desk, made: Run, timeoutMs: number): Promise<Omit<Planned, 'left'>> {
  const beganMs = desk.clock.elapsedMs();
  let run = made;
  for await (const look of follow(desk, { is: 'run', run })) {
    if (look.is === 'seen') run = look.runs[0] ?? run;
    if (endOf(run) !== undefined) return { is: 'over', run };
    if (look.is === 'seen' && look.deleted.length > 0) {
      throw new DeclinedError(exitCodes.transient, `${made.name} was deleted before it was answered`);
    }
    if (desk.clock.elapsedMs() - beganMs >= timeoutMs) return { is: 'unanswered', run };
  }
  return { is: 'interrupted', run };
}

/** Also after an interruption, and where it is not known whether it was made. */
async function isRemoved({ kube, namespace, clock }: Desk, name: string): Promise<boolean> {
  for (let tried = 1; tried <= tries; tried += 1) {
    try {
      const found = await kube.get(reindexRequestResource, { namespace, name });
      if (found !== undefined) await kube.delete(reindexRequestResource, found.metadata, found.metadata.uid);
      return true;
    } catch {
      if (tried < tries) await clock.sleep(1_000);
    }
  }
  return false;
}
