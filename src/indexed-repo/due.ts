import type { Reason } from '../api/reasons.ts';
import type { VersionRecord } from '../domain/records.ts';
import { shapeDifference } from '../domain/shape-difference.ts';
import { shapeHash } from '../domain/shape.ts';
import { hasOutgrown, shardsFor } from '../domain/sizing.ts';
import { heldShape } from './hold.ts';
import { imageLeftBehind, imageThatCannotGoOn } from './light-standing.ts';
import type { Observed } from './observed.ts';
import { revisionDone } from './owned-requests.ts';
import { slotDue } from './slot.ts';

/** Why a whole new version is wanted. All pure. */

export type DueReason = Extract<
  Reason,
  'NoLiveVersion' | 'SpecChanged' | 'WorkerChanged' | 'ShardsOutgrown' | 'Scheduled' | 'RevisionChanged'
>;

export type Due = {
  readonly reason: DueReason;
  /** What differs. */
  readonly message: string;
  /**
   * `wanted`: it is built by itself. `held`: it is not, because a rollback left this very shape. `reported`: it is not,
   * because `rebuild.automaticFor` leaves it to people, or because the same would come of it again.
   */
  readonly is: 'wanted' | 'held' | 'reported';
};

/** Every reason for which a rebuild is due now, one entry each; [] when what is declared is live, or nobody knows. */
export function rebuildDue(o: Observed): readonly Due[] {
  const live = o.engine?.live;
  if (!o.engine) return [];
  if (!live) {
    const message = `nothing stands behind ${o.repo.spec.alias} yet`;
    return [{ reason: 'NoLiveVersion', message, is: 'wanted' }];
  }
  const isHeld = heldShape(o) !== undefined;
  return [
    specChanged(o, live),
    workerChanged(o, live),
    shardsOutgrown(o, live),
    scheduled(o, live, isHeld),
    revisionChanged(o),
  ]
    .filter(found => found !== undefined)
    .map(due => (due.is === 'wanted' && isHeld ? { ...due, is: 'held' } : due));
}

/** The reasons that begin a rebuild by themselves. */
export function dueToBuild(o: Observed): readonly Due[] {
  return rebuildDue(o).filter(due => due.is === 'wanted');
}

type Choice = NonNullable<Observed['repo']['spec']['rebuild']['automaticFor']>[number];
const automaticWhenAbsent: readonly Choice[] = ['SpecChanged'];

/** A reason that `rebuild.automaticFor` may name, or not. */
function byChoice({ repo }: Observed, reason: Choice, message: string): Due {
  const { automaticFor = automaticWhenAbsent } = repo.spec.rebuild;
  if (automaticFor.includes(reason)) return { reason, message, is: 'wanted' };
  const way = `to build it, give spec.rebuild.revision a new value, or add ${reason} to spec.rebuild.automaticFor`;
  return { reason, message: `${message}; ${way}`, is: 'reported' };
}

function specChanged(o: Observed, live: VersionRecord): Due | undefined {
  const changes = [shapeChange(o, live), imageChange(o, live)].filter(change => change !== undefined);
  return changes.length === 0 ? undefined : byChoice(o, 'SpecChanged', changes.join('; '));
}

/** Versions of releases that did not write down what was declared show a difference, not which. */
function shapeChange({ repo }: Observed, { index, shape, shapeHash: built }: VersionRecord): string | undefined {
  if (built === shapeHash(repo.spec.index)) return undefined;
  const { replicas: _inPlace, ...declared } = repo.spec.index;
  const which = shape ? `: ${shapeDifference(shape, declared)}` : '';
  return `spec.index is not what ${index} was built with${which}`;
}

/** Only a declared image: one that is absent is the operator's, whose release is no declaration of this object. */
function imageChange({ repo }: Observed, { index, workerImage }: VersionRecord): string | undefined {
  const image = repo.spec.worker?.image;
  if (image === undefined || workerImage === '' || image === workerImage) return undefined;
  return `spec.worker.image is ${image}, ${index} was built by ${workerImage}`;
}

/** The operator's own image would build another version, or cannot go on with this one. */
function workerChanged(o: Observed, { index, workerImage }: VersionRecord): Due | undefined {
  const refusing = imageThatCannotGoOn(o);
  const reason = 'WorkerChanged';
  if (refusing !== undefined) {
    const message = `image ${refusing} cannot bring ${index} up to date, which ${workerImage} built`;
    // What one image built and now refuses would be built and refused again and again: a human has to want that.
    if (refusing === workerImage) return { reason, message, is: 'reported' };
    return o.repo.spec.worker?.image === undefined ? byChoice(o, reason, message) : undefined;
  }
  const image = imageLeftBehind(o);
  if (image === undefined) return undefined;
  const message = `${index} was built by image ${image}, which updates it and must stay in its registry; the operator has ${o.defaults.image}`;
  return byChoice(o, reason, message);
}

/** Only where nobody declares how many shards: a build by itself would make more of them. */
function shardsOutgrown(o: Observed, live: VersionRecord): Due | undefined {
  const { liveIndices = [], liveBytes: bytes = 0 } = o.engine ?? {};
  const shards = Number(liveIndices.find(({ name }) => name === live.index)?.settings['index.number_of_shards']);
  // As the build counts them, or it would come to another number.
  const holds = { documents: live.files + live.chunks, bytes };
  if (o.repo.spec.index.shards !== undefined || !hasOutgrown(holds, shards)) return undefined;
  const [millions, gib] = [(holds.documents / 1e6).toFixed(1), Math.round(bytes / 1024 ** 3)];
  const message = `${live.index} holds ${millions} million documents and ${gib} GiB in ${shards} shards, twice what these should or more; a rebuild makes ${shardsFor(holds)}`;
  return byChoice(o, 'ShardsOutgrown', message);
}

function scheduled(o: Observed, live: VersionRecord, isHeld: boolean): Due | undefined {
  const message = slotDue(o, live, isHeld);
  return message === undefined ? undefined : { reason: 'Scheduled', message, is: 'wanted' };
}

function revisionChanged(o: Observed): Due | undefined {
  const { revision } = o.repo.spec.rebuild;
  const done = revisionDone(o);
  if (revision === undefined || revision === done) return undefined;
  const message = `spec.rebuild.revision is "${revision}", last built: "${done ?? ''}"`;
  return { reason: 'RevisionChanged', message, is: 'wanted' };
}
