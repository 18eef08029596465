import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ZodError } from 'zod';
import { exitCodes, type ExitCode } from '../api/exit-codes.ts';
import { problemsOf } from '../api/kind.ts';
import { withEngineVariables } from '../domain/engine-variables.ts';
import { secretsOf } from '../domain/git-credentials.ts';
import type { RetryableError } from '../domain/errors.ts';
import type { Holder } from '../domain/records.ts';
import { parseRemote } from '../domain/git-url.ts';
import { branchLabel, isCommit } from '../domain/ref.ts';
import { connect } from '../engine/connect.ts';
import type { Engine } from '../engine/port.ts';
import { readCredentials } from '../git/credentials.ts';
import { allowedAddresses } from '../git/host-rule.ts';
import { openRemote } from '../git/repository.ts';
import { settingsOn } from '../registry/settings.ts';
import { systemClock as clock } from '../runtime/clock.ts';
import { createLogger } from '../runtime/log.ts';
import { createRedactor } from '../runtime/redact.ts';
import { readSecretFile } from '../runtime/secret-file.ts';
import {
  defaultTerminationLog,
  readWorkerTask,
  type AnyEnvironment,
  type CopyResult,
  type WorkerEnvironment,
  type WorkerResult,
  type WorkerTask,
} from '../work/contract.ts';
import { terminationMessage } from '../work/termination-message.ts';
import { StoppedError } from '../workers/run/outcome.ts';
import { runCopy } from '../workers/copy/run-copy.ts';
import { runCutOver } from '../workers/copy/run-cut-over.ts';
import type { CopyInput, CopyPorts } from '../workers/copy/input.ts';
import { runIndexing } from '../workers/index/run-indexing.ts';
import { guardDisk } from '../workers/run/disk-guard.ts';
import { waitForEngine } from '../workers/run/engine-wait.ts';

/** The worker in a pod: environment in; exit code, termination message and run record out. */

// Read before anything is parsed: what cannot be parsed is told there too.
const terminationLog = process.env['REINDEER_TERMINATION_LOG'] ?? defaultTerminationLog;
const redactor = createRedactor();
const log = createLogger({ level: 'info', redactor });
const stopping = new AbortController();
process.once('SIGTERM', () => {
  log.info('asked to stop');
  stopping.abort(new StoppedError('asked to stop: the next pod goes on from here'));
});

function onAway({ reason, message }: RetryableError): void {
  log.warn({ reason, message }, 'the engine is waited for');
}

type End = { readonly exitCode: ExitCode; readonly result: WorkerResult | CopyResult };

async function work(task: WorkerTask): Promise<End> {
  const engine = await engineOf(task.env);
  try {
    return task.program === 'index' ? await index(task.env, engine) : await copy(task, engine);
  } finally {
    await engine.close();
  }
}

async function engineOf(env: AnyEnvironment): Promise<Engine> {
  for (const secret of [env.SEARCH_PASSWORD, env.SEARCH_API_KEY]) redactor.hide(secret);
  const caPem = env.SEARCH_CA_CERT === '' ? undefined : await readSecretFile(env.SEARCH_CA_CERT);
  return connect({
    endpoints: env.SEARCH_ENDPOINT.split(','),
    clock,
    ...(env.SEARCH_USERNAME !== '' && {
      username: env.SEARCH_USERNAME,
      password: env.SEARCH_PASSWORD,
    }),
    ...(env.SEARCH_API_KEY !== '' && { apiKey: env.SEARCH_API_KEY }),
    ...(caPem !== undefined && { caPem }),
  });
}

async function copy(task: Exclude<WorkerTask, { program: 'index' }>, engine: Engine): Promise<End> {
  const { env, assigned } = task;
  const signal = stopping.signal;
  const settings = settingsOn(engine, env.REINDEER_SETTINGS_INDEX);
  await waitForEngine(() => settings.versionRecord(assigned.work.index), { clock, signal, onAway });
  const input: CopyInput = {
    ...assigned.work,
    ...{ holder: holderOf(env, assigned.kind), runUid: env.REINDEER_JOB_UID, tokenFloor: assigned.token },
    ...{ bulkBytes: env.REINDEER_BULK_BYTES, bulkConcurrency: env.REINDEER_BULK_CONCURRENCY },
  };
  const ports: CopyPorts = {
    ...{ engine, settings, clock, signal, random: Math.random },
    onProgress: progress => log.debug(progress, 'progress made'),
  };
  return task.program === 'copy' ? runCopy(input, ports) : runCutOver({ ...input, ...task.assigned.work }, ports);
}

async function index(env: WorkerEnvironment, engine: Engine): Promise<End> {
  const git = await readCredentials(env.REINDEER_GIT_SECRET_DIR);
  for (const secret of secretsOf(git)) redactor.hide(secret);
  const workFolder = await mkdtemp(join(env.REINDEER_WORK_DIR, 'reindeer-'));
  const signal = stopping.signal;
  const source = {
    url: env.REINDEER_REPO_URL,
    credentials: git,
    commit: env.REINDEER_COMMIT,
    refName: isCommit(env.REINDEER_BRANCH) ? '' : env.REINDEER_BRANCH,
  };
  const settings = settingsOn(engine, env.REINDEER_SETTINGS_INDEX);
  const disk = watchDisk(workFolder, env);
  try {
    await waitForEngine(() => settings.versionRecord(env.REINDEER_INDEX), { clock, signal, onAway });
    return await runIndexing(inputOf(env), {
      engine,
      settings,
      openRepository: async blobs => {
        // Looked at here too: a name may lead elsewhere than when the operator asked, and this pod has its own network.
        const host = parseRemote(source.url)?.host ?? '';
        const addresses = await allowedAddresses(host, env.REINDEER_ALLOWED_GIT_HOSTS);
        return openRemote({ ...source, addresses, blobs, folder: workFolder, signal });
      },
      workFolder,
      clock,
      signal,
      random: Math.random,
      onProgress: progress => log.debug(progress, 'progress made'),
    });
  } finally {
    await disk.end();
    await rm(workFolder, { recursive: true, force: true });
  }
}

/** Ends the run with RepositoryTooLarge before its pod is evicted for what it keeps on disk. */
function watchDisk(folder: string, env: WorkerEnvironment): { end(): Promise<void> } {
  const ended = new AbortController();
  const { signal } = ended;
  const onFull = (error: Error): void => stopping.abort(error);
  const watching = guardDisk({ folder, limitBytes: env.REINDEER_DISK_BYTES, clock, signal, onFull });
  return {
    end: async () => {
      ended.abort();
      await watching;
    },
  };
}

function inputOf(env: WorkerEnvironment): Parameters<typeof runIndexing>[0] {
  return {
    mode: env.REINDEER_MODE,
    alias: env.REINDEER_ALIAS,
    index: env.REINDEER_INDEX,
    repoUrl: env.REINDEER_REPO_URL,
    branch: branchLabel(env.REINDEER_BRANCH),
    commit: env.REINDEER_COMMIT,
    selection: {
      include: env.REINDEER_INCLUDE,
      exclude: env.REINDEER_EXCLUDE,
      maxFileBytes: env.REINDEER_MAX_FILE_BYTES,
    },
    holder: holderOf(env, env.REINDEER_REQUEST_UID === '' ? 'Light' : 'Heavy'),
    runUid: env.REINDEER_JOB_UID,
    tokenFloor: env.REINDEER_TOKEN,
    bulkBytes: env.REINDEER_BULK_BYTES,
    bulkConcurrency: env.REINDEER_BULK_CONCURRENCY,
    parseConcurrency: env.REINDEER_PARSE_CONCURRENCY,
    duringReindex: env.REINDEER_DURING_REINDEX,
    digest: env.REINDEER_DIGEST,
    ...(env.REINDEER_PARTITIONS > 1 && {
      partition: { index: env.REINDEER_PARTITION, count: env.REINDEER_PARTITIONS },
    }),
  };
}

function holderOf(env: AnyEnvironment, kind: 'Light' | 'Heavy'): Holder {
  const name = `Job of ${env.REINDEER_NAMESPACE}/${env.REINDEER_NAME}`;
  return { kind, name, uid: env.REINDEER_JOB_UID, pod: env.REINDEER_POD_UID };
}

/** Written for whoever looks at the pod; outside of a pod there is no such file, and the log line says the same. */
async function tell(result: End['result']): Promise<void> {
  await writeFile(terminationLog, redactor.redact(terminationMessage(result))).catch(() => undefined);
}

/** What the log says of it at its start. */
function told(task: WorkerTask) {
  if (task.program !== 'index') {
    const { deadlineSeconds, work } = task.assigned;
    return { deadlineSeconds, program: task.program, alias: work.alias, from: work.from, index: work.index };
  }
  const { env } = task;
  return {
    deadlineSeconds: env.REINDEER_DEADLINE_SECONDS,
    ...{ program: task.program, alias: env.REINDEER_ALIAS, index: env.REINDEER_INDEX },
    ...{ mode: env.REINDEER_MODE, commit: env.REINDEER_COMMIT },
  };
}

try {
  const task = readWorkerTask(withEngineVariables(process.env));
  const { deadlineSeconds, ...about } = told(task);
  const deadline = setTimeout(
    () => stopping.abort(new StoppedError(`not done within ${deadlineSeconds} s`)),
    deadlineSeconds * 1000,
  );
  log.info(about, 'run started');
  const { exitCode, result } = await work(task);
  clearTimeout(deadline);
  await tell(result);
  log[exitCode === 0 ? 'info' : 'error']({ ...result, exitCode }, 'run ended');
  process.exitCode = exitCode;
} catch (error) {
  const isConfiguration = error instanceof ZodError;
  const message = isConfiguration ? problemsOf(error, 'env').join('; ') : String(error);
  log.fatal({ message, err: isConfiguration ? undefined : error }, 'the worker could not start');
  await writeFile(terminationLog, redactor.redact(message).slice(0, 1000)).catch(() => undefined);
  process.exitCode = isConfiguration ? exitCodes.badConfiguration : exitCodes.retry;
}
