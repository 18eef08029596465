import { exitCodes } from '../api/exit-codes.ts';
import { group } from '../api/meta.ts';
import { reindexRequestResource } from '../api/reindex-request.ts';
import { oneLine } from '../domain/bounded-text.ts';
import { ConflictError, RetryableError } from '../domain/errors.ts';
import type { Refusal } from '../kube/errors.ts';
import { DeclinedError } from './declined.ts';

/** An error of the way to Kubernetes in one line with the next step; any other error as it is. */
export function tellable(error: unknown, namespace: string): unknown {
  if (error instanceof ConflictError) {
    return new DeclinedError(exitCodes.transient, 'the object was changed in this moment: run the same command again');
  }
  const refusal = refusalBehind(error);
  if (refusal !== undefined) return new DeclinedError(...refused(refusal, namespace));
  if (!(error instanceof RetryableError) || error.reason !== 'KubernetesUnavailable') return error;
  const hint = 'is this the cluster that you mean (--context, --kubeconfig)?';
  return new DeclinedError(exitCodes.transient, `${oneLine(error.message)}: ${hint}`);
}

const madeAnew = 'an object of that name was made anew in this moment: run the same command again';

function refusalBehind(error: unknown): Refusal | undefined {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const isOne = typeof cause === 'object' && cause !== null && 'status' in cause && 'message' in cause;
  // The client of Kubernetes leaves it there.
  return isOne ? (cause as Refusal) : undefined;
}

function refused({ status, message }: Refusal, namespace: string): readonly [exitCode: number, message: string] {
  const said = oneLine(message);
  const { plural } = reindexRequestResource;
  switch (status) {
    case 401:
      return [exitCodes.denied, `the API server does not take these credentials (${said}): log in to the cluster anew`];
    case 403:
      return [exitCodes.denied, `${said}: role "edit" in namespace ${namespace} may do it, "view" may look on`];
    case 404: {
      const crd = `kubectl get crd ${plural}.${group}`;
      return [exitCodes.refGone, `${said}: is the namespace right (-n), and is Reindeer installed there (${crd})?`];
    }
    case 400:
    case 422:
      // The uid that was looked at is sent along: the server takes it for a field that shall change.
      if (/metadata\.uid: .*immutable/.test(said)) return [exitCodes.transient, madeAnew];
      return [exitCodes.badConfiguration, `${said}${adviceOn(said)}`];
    default:
      return [exitCodes.transient, `the API server answered ${status}: ${said}: run the same command again later`];
  }
}

/** Most refusals say what would do; that a field is not known means that the two releases do not go together. */
function adviceOn(said: string): string {
  const isUnknown = /unknown field/.test(said);
  return isUnknown ? ': the CRDs of this cluster do not know it, they may be of another release than this program' : '';
}
