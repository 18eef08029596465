import type { BedState } from '../bed/state.ts';

/** What to try next, with everything spelled out: the bed stays up until it is taken down. */
export function lookAround(bed: BedState, namespace: string): string {
  return `
It is left running. To look around:

  eval "$(npm run --silent bed -- env)"
  kubectl -n ${namespace} get reindeer
  kubectl -n ${namespace} describe rreq
  kubectl -n ${namespace} events --for irepo/ramda      # by time; --types=Warning for troubles alone, without --for those of all
  kubectl explain indexedrepo.spec --recursive
  kubectl -n ${namespace} edit irepo ramda        # change spec.index, or give spec.rebuild.revision a value
  kubectl -n reindeer-system logs deploy/reindeer

${bed.engine.type} answers at ${bed.engine.url} (${userText(bed)}).
To take the demonstration down and keep the bed, for npm test say:

  kubectl -n ${namespace} delete indexedrepos --all && kubectl delete namespace ${namespace}

To take everything down: npm run bed -- down
`;
}

function userText({ engine }: BedState): string {
  return engine.username === ''
    ? 'no user, no password'
    : `user ${engine.username}; the password is in the environment above`;
}
