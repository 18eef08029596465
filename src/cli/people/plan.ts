import { createReadStream } from 'node:fs';
import { durationMs } from '../../api/duration.ts';
import { exitCodes, runEndCodes } from '../../api/exit-codes.ts';
import { factsOf } from '../../api/reasons.ts';
import { reindexRequestResource as resource } from '../../api/reindex-request.ts';
import { type Manifest, maxManifestBytes, readManifest } from '../../asking/manifest.ts';
import { plan } from '../../asking/plan.ts';
import { preflightOf, type Preflight } from '../../reading/preflight.ts';
import { aliasOf, endOf, type Run, standingOf } from '../../reading/run.ts';
import { bytesText } from '../../domain/byte-text.ts';
import { oneLine } from '../../domain/bounded-text.ts';
import { table } from '../output.ts';
import { UsageError } from '../usage-error.ts';
import type { ClusterFlags, PeopleContext } from './context.ts';
import { printObjects } from './print.ts';
import { remarkOn, spanText } from './run-row.ts';

export type PlanFlags = { readonly filename: string; readonly timeout: string };

/** `reindeer plan -f FILE`: 0 = the run could work, 1 = it was refused. */
export async function planVerb(context: PeopleContext, flags: PlanFlags & ClusterFlags): Promise<number> {
  const timeoutMs = timeoutOf(flags.timeout);
  const asked = readManifest(await textOf(flags.filename));
  const desk = { ...context.desk, namespace: namespaceOf(asked, flags, context) };
  const { is, run, left } = await plan(desk, asked, timeoutMs);
  const { output, format } = context;
  if (left !== undefined) output.note(`rreq/${left} could not be removed; it goes by itself ten minutes after its end`);
  if (is === 'interrupted') {
    output.note('interrupted: nothing is known yet');
    return exitCodes.transient;
  }
  if (is === 'unanswered') {
    const stands = remarkOn(run, desk.clock.now());
    const why = stands === '' ? `does an operator run that watches namespace ${desk.namespace}?` : stands;
    output.note(oneLine(`no answer within ${flags.timeout}: ${why}`));
    return exitCodes.transient;
  }
  if (format === undefined) printPlan(context, run);
  else await printObjects(context, format, [{ resource, object: run.object }]);
  return isRefused(run) ? runEndCodes.failed : runEndCodes.succeeded;
}

function isRefused(run: Run): boolean {
  return endOf(run)?.is !== 'succeeded' || preflightOf(run)?.verdict === 'Refuse';
}

function printPlan({ output }: PeopleContext, run: Run): void {
  const { reason, message } = standingOf(run);
  const preflight = preflightOf(run);
  const checks =
    preflight?.checks.map(({ name, ok, message: said }) => [name, ok ? 'yes' : 'NO', said].map(oneLine)) ?? [];
  if (checks.length > 0) for (const line of table(['CHECK', 'OK', 'MESSAGE'], checks)) output.line(line);
  if (preflight !== undefined) output.line(figuresOf(preflight));
  const verdict = isRefused(run) ? 'refused' : 'could work';
  output.line(oneLine(`${run.spec.strategy} of ${aliasOf(run)} ${verdict}: ${message === '' ? reason : message}`));
  const { hint } = factsOf(reason);
  if (isRefused(run) && hint !== undefined) output.note(`${reason}: ${hint}`);
}

/** What nobody could say is said to be unknown. */
function figuresOf({ needBytes, freeBytes, shards, estimatedSeconds }: Preflight): string {
  const takes = estimatedSeconds === undefined ? 'unknown' : `about ${spanText(estimatedSeconds)}`;
  const [need, free] = [needBytes, freeBytes].map(bytes => (bytes === undefined ? 'unknown' : bytesText(bytes)));
  return `needs ${need} at its peak, free: ${free}; shards: ${shards ?? 'unknown'}; time: ${takes}`;
}

function timeoutOf(text: string): number {
  try {
    return durationMs(text);
  } catch {
    throw new UsageError('--timeout is a duration such as 90s, 5m or 1h');
  }
}

/** Where the file says it and no flag does, as with kubectl; two that differ are refused. */
function namespaceOf({ metadata }: Manifest, flags: ClusterFlags, { desk }: PeopleContext): string {
  const { namespace = flags.namespace ?? desk.namespace } = metadata;
  if (flags.namespace === undefined || flags.namespace === namespace) return namespace;
  throw new UsageError(`the object is of namespace ${namespace}, -n says ${flags.namespace}: give one of them`);
}

async function textOf(file: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of file === '-' ? process.stdin : createReadStream(file)) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      // One byte more is enough to be refused.
      if (bytes > maxManifestBytes) break;
    }
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${String(error).replace(/^\w+: /, '')}`, { cause: error });
  }
  return Buffer.concat(chunks).toString('utf8');
}
