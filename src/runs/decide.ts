import { hasFinalizer } from '../alias/ownership.ts';
import { reindexRequestResource } from '../api/reindex-request.ts';
import { addFinalizer } from '../objects/finalizers.ts';
import { bytesText } from '../domain/byte-text.ts';
import { versionName } from '../domain/version.ts';
import { keeping, walk } from '../plan/walk.ts';
import { decided, type Outcome, type RunLooked } from './decision.ts';
import { ended } from './ending.ts';
import { candidateIndex } from './facts.ts';
import type { Observed } from './observed.ts';
import { policies } from './policies.ts';
import { strategyOf } from './strategies.ts';

/** What is to be done about a ReindexRequest now: what a policy says, else what its step says. Pure. */
export function decideRequest(o: Observed): RunLooked {
  for (const policy of policies) {
    const looked = policy.decide(o);
    if (looked) return looked;
  }
  return decideByStep(o);
}

function decideByStep(o: Observed): RunLooked {
  const standing = walk(strategyOf(o.request).steps, o);
  const { verdict } = standing;
  switch (verdict.is) {
    case 'done':
      return decided({ ...ended(o, arrived(o)), done: standing.done });
    case 'ask':
      return { is: 'asks', question: verdict.question };
    case 'act': {
      // The finalizer goes first and alone: it moves the resourceVersion that the status write depends on.
      const isSafe = hasFinalizer(o.request);
      const effects = isSafe ? verdict.effects : [addFinalizer(reindexRequestResource, o.request.metadata)];
      return decided({ is: 'walking', standing, effects });
    }
    case 'wait': {
      const { againInMs } = verdict;
      return decided({ is: 'walking', standing, effects: keeping(standing, o), againInMs });
    }
    case 'fail':
      return decided({ is: 'walking', standing, effects: [] });
    default:
      return verdict satisfies never;
  }
}

function arrived(o: Observed): Outcome {
  if (o.request.spec.dryRun === true) return { succeeded: true, reason: 'DryRun', message: wouldDo(o) };
  const message = `${o.target?.alias ?? ''} serves ${candidateIndex(o)?.name ?? 'the new version'}`;
  return o.request.spec.abort === true
    ? { succeeded: true, reason: 'IgnoredInStage', message: `${message}; spec.abort came too late` }
    : { succeeded: true, reason: 'Succeeded', message };
}

function wouldDo(o: Observed): string {
  const live = o.engine?.record?.live ?? null;
  const alias = o.target?.alias ?? '';
  const serving = live === null ? 'nothing' : versionName(alias, live);
  const next = o.traits.builds
    ? versionName(alias, o.engine?.record?.nextVersion ?? 1)
    : (candidateIndex(o)?.name ?? 'the version before');
  return `${alias} serves ${serving} and would serve ${next}${costOf(o)}: nothing was done`;
}

/** What its preflight expects of it; '' = nothing. */
function costOf({ request }: Observed): string {
  const { estimatedSeconds: seconds, needBytes } = request.status.preflight ?? {};
  const time = seconds === undefined ? '' : `, in about ${seconds} s`;
  return needBytes === undefined ? time : `${time}, with ${bytesText(needBytes)} more on its disks at the peak`;
}
