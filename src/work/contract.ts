import { z } from 'zod';
import { exitCodes } from '../api/exit-codes.ts';
import { secretText } from '../domain/secret-text.ts';
import { assigned, digestOf, type AssignmentOf } from './assignment.ts';
import type { CopyWork, CutOverWork, IndexWork, Work } from './assignment.ts';

/**
 * The worker contract: how the operator and a program inside a Job speak to each other, whatever image it is.
 * Environment in; `version~{index}` in the settings index, an exit code and a termination message out. Contract 1 says the
 * work in one variable for each field, and knows indexing alone; contract 2 says any work as one text of JSON.
 */

/** Trying the pod again cannot help: the Job fails at once. */
export const terminalExitCodes: readonly number[] = [
  exitCodes.badConfiguration,
  exitCodes.refGone,
  exitCodes.denied,
  exitCodes.fullReindexNeeded,
  exitCodes.verificationFailed,
  exitCodes.lockLost,
];

/** The kubelet keeps 4096 bytes of a termination message; ours stays below this. */
export const terminationMessageMaxBytes = 3584;

/** Where the kubelet reads it. */
export const defaultTerminationLog = '/dev/termination-log';

const count = z.number().int().min(0);

/** What the worker says at its end: a hint, the run and version records are the authority. */
export const workerResult = z.object({
  v: z.literal(1),
  outcome: z.enum(['succeeded', 'noop', 'skipped', 'failed']),
  reason: z.string(),
  mode: z.enum(['full', 'incremental']),
  index: z.string(),
  branch: z.string(),
  commit: z.string(),
  base: z.string(),
  files: z.object({ total: count, indexed: count, skipped: count, deleted: count, failed: count }),
  chunks: z.object({ total: count, written: count, deleted: count }),
  /** Files of a language with a grammar that were cut by lines all the same: too large, too broken. */
  fellBack: count.default(0),
  /** Files without text by reason; empty where nothing was looked at. Other images may leave it out. */
  skips: z.record(z.string(), count).default({}),
  /** Bulk requests sent again because the engine refused some items for the moment. */
  bulkRetries: count.default(0),
  fingerprint: z.string(),
  verify: z.string(),
  /** Files whose text was read back and compared with its hash, and their chunks. Other images may leave it out. */
  digest: z.object({ of: digestOf, files: count, chunks: count }).optional(),
  ms: count,
  token: count,
  errors: z.array(z.string()).max(5),
});
export type WorkerResult = z.infer<typeof workerResult>;

/** What a worker says at its end that copied a version, or cut over to one. */
export const copyResult = z.object({
  v: z.literal(1),
  program: z.enum(['copy', 'cut-over']),
  outcome: z.enum(['succeeded', 'failed']),
  reason: z.string(),
  index: z.string(),
  /** Read of the live version, written into the other one and deleted there, and those that the engine would not take. */
  documents: z.object({ read: count, written: count, deleted: count, refused: count }),
  /** How long writers were refused in the attempt that switched. Absent: nothing was switched. */
  blockedMs: count.optional(),
  bulkRetries: count,
  ms: count,
  token: count,
  errors: z.array(z.string()).max(5),
});
export type CopyResult = z.infer<typeof copyResult>;

/** Did the worker that said this index from Git? */
export function isOfIndexing(result: WorkerResult | CopyResult): result is WorkerResult {
  return !('program' in result);
}

const positiveInt = z.coerce.number().int().positive();
const jsonStrings = z
  .string()
  .default('[]')
  .transform((text, context): string[] => {
    try {
      return z.array(z.string()).parse(JSON.parse(text));
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a JSON array of strings' });
      return z.NEVER;
    }
  });

/** Straight out of a Secret: read as the operator reads it. */
const secretLine = z.string().default('').transform(secretText);

/** What every program finds in its environment. */
const anyEnvironment = z.object({
  REINDEER_SETTINGS_INDEX: z.string().min(1),
  REINDEER_BULK_BYTES: positiveInt.default(4_194_304),
  REINDEER_BULK_CONCURRENCY: positiveInt.default(2),
  /**
   * V8's options that fit the memory limit (heap.ts), for the entry point of an image, before any program runs: ours
   * passes them to Node. `NODE_OPTIONS` itself is never set: an image of others keeps the heap that its maker chose.
   */
  REINDEER_NODE_OPTIONS: z.string().default(''),
  /** Where the termination message is written; where there is no such file it is not. */
  REINDEER_TERMINATION_LOG: z.string().default(defaultTerminationLog),
  REINDEER_JOB_UID: z.string().min(1),
  REINDEER_POD_UID: z.string().min(1),
  REINDEER_NAMESPACE: z.string().default(''),
  REINDEER_NAME: z.string().default(''),
  SEARCH_ENDPOINT: z.string().min(1),
  SEARCH_USERNAME: secretLine,
  SEARCH_PASSWORD: secretLine,
  /** As the engine gave it out, encoded; in the place of user and password. */
  SEARCH_API_KEY: secretLine,
  /** Path of a PEM file. */
  SEARCH_CA_CERT: z.string().default(''),
});
export type AnyEnvironment = z.infer<typeof anyEnvironment>;

/** The environment of contract 1. */
export const workerEnvironment = anyEnvironment
  .extend({
    REINDEER_CONTRACT: z.literal('1'),
    REINDEER_MODE: z.enum(['full', 'incremental']),
    REINDEER_ALIAS: z.string().min(1),
    REINDEER_INDEX: z.string().min(1),
    REINDEER_TOKEN: z.coerce.number().int().min(0),
    REINDEER_REPO_URL: z.string().min(1),
    REINDEER_BRANCH: z.string().default(''),
    REINDEER_COMMIT: z.string().regex(/^[0-9a-f]{40,64}$/),
    REINDEER_INCLUDE: jsonStrings,
    REINDEER_EXCLUDE: jsonStrings,
    /** Of a light run: what to do while a heavy run holds the alias (`spec.light.duringReindex`). */
    REINDEER_DURING_REINDEX: z.enum(['Skip', 'Continue']).default('Skip'),
    /** Which files are read back and compared with the hash of their text before the commit is recorded. */
    REINDEER_DIGEST: digestOf.default('Sample'),
    REINDEER_MAX_FILE_BYTES: positiveInt.default(1_048_576),
    /** How many parts the version is filled in, one worker each. */
    REINDEER_PARTITIONS: positiveInt.max(256).default(1),
    /** Which of them this worker fills, from 0: the completion index of the Job. */
    REINDEER_PARTITION: z.coerce.number().int().min(0).max(255).default(0),
    /** Threads that parse; absent = one for each CPU, and four at most. */
    REINDEER_PARSE_CONCURRENCY: positiveInt.max(64).optional(),
    REINDEER_WORK_DIR: z.string().default('/tmp'),
    /** What the pod may keep on disk, its limit of ephemeral-storage; 0 = not known. */
    REINDEER_DISK_BYTES: z.coerce.number().int().min(0).default(0),
    REINDEER_DEADLINE_SECONDS: positiveInt.default(3600),
    REINDEER_REQUEST_UID: z.string().default(''),
    /** Git hosts that may be asked, separated by commas; empty = those at public addresses. */
    REINDEER_ALLOWED_GIT_HOSTS: z
      .string()
      .default('')
      .transform(text => text.split(',').filter(host => host !== '')),
    /** Folder with the files of the Git Secret (username, password, token, ssh-privatekey, known_hosts, ca.crt); empty = none. */
    REINDEER_GIT_SECRET_DIR: z.string().default(''),
  })
  .refine(env => env.REINDEER_PARTITION < env.REINDEER_PARTITIONS, {
    path: ['REINDEER_PARTITION'],
    message: 'must be below REINDEER_PARTITIONS',
  });
export type WorkerEnvironment = z.infer<typeof workerEnvironment>;

/** As the oldest contract says it that knows such work: the image that built a version follows it, and may know that alone. */
export function asContract(told: Told): Readonly<Record<string, string>> {
  const { work } = told;
  return work.program === 'index' ? asContract1({ ...told, work }) : asContract2(told);
}

/** The work of an assignment as contract 1 says it, one variable for each field. */
export function asContract1(told: ToldOf<IndexWork>): Readonly<Record<string, string>> {
  const { run, kind, token, deadlineSeconds, work } = told;
  const { source } = work;
  return {
    REINDEER_CONTRACT: '1',
    REINDEER_MODE: work.mode,
    REINDEER_ALIAS: work.alias,
    REINDEER_INDEX: work.index,
    REINDEER_TOKEN: String(token),
    REINDEER_REPO_URL: source.url,
    REINDEER_BRANCH: source.ref,
    REINDEER_COMMIT: work.commit,
    REINDEER_INCLUDE: JSON.stringify(source.include),
    REINDEER_EXCLUDE: JSON.stringify(source.exclude),
    REINDEER_MAX_FILE_BYTES: String(source.maxFileBytes),
    REINDEER_DEADLINE_SECONDS: String(deadlineSeconds),
    REINDEER_DURING_REINDEX: work.duringReindex,
    REINDEER_REQUEST_UID: kind === 'Heavy' ? run : '',
    ...(work.digest !== undefined && { REINDEER_DIGEST: work.digest }),
    ...(work.partitions > 1 && { REINDEER_PARTITIONS: String(work.partitions) }),
  };
}

/** The same as contract 2 says it. */
export function asContract2(told: Told): Readonly<Record<string, string>> {
  const { run, kind, step, attempt, token, deadlineSeconds, work } = told;
  const assignment = { run, kind, step, attempt, token, deadlineSeconds, work };
  return { REINDEER_CONTRACT: '2', REINDEER_ASSIGNMENT: JSON.stringify(assignment) };
}

type ToldOf<Of extends Work> = Omit<AssignmentOf<Of>, 'id' | 'image'>;
type Told = ToldOf<Work>;

const contract2 = z.object({
  REINDEER_CONTRACT: z.literal('2'),
  REINDEER_ASSIGNMENT: z.string().transform((text, context) => {
    try {
      return assigned.parse(JSON.parse(text));
    } catch (error) {
      const message = error instanceof z.ZodError ? z.prettifyError(error) : 'must be JSON';
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
  }),
});

/** What a worker is to do, and where. */
export type WorkerTask =
  | { readonly program: 'index'; readonly env: WorkerEnvironment }
  | { readonly program: 'copy'; readonly env: AnyEnvironment; readonly assigned: ToldOf<CopyWork> }
  | { readonly program: 'cut-over'; readonly env: AnyEnvironment; readonly assigned: ToldOf<CutOverWork> };

/**
 * What a worker finds in its environment, parsed once at its door, after `withEngineVariables`. Throws ZodError for work that
 * this program does not know, too.
 */
export function readWorkerTask(env: Readonly<Record<string, string | undefined>>): WorkerTask {
  if (env['REINDEER_CONTRACT'] !== '2') return { program: 'index', env: workerEnvironment.parse(env) };
  const { work, ...told } = contract2.parse(env).REINDEER_ASSIGNMENT;
  switch (work.program) {
    case 'index':
      return { program: 'index', env: workerEnvironment.parse({ ...env, ...asContract1({ ...told, work }) }) };
    case 'copy':
      return { program: 'copy', env: anyEnvironment.parse(env), assigned: { ...told, work } };
    case 'cut-over':
      return { program: 'cut-over', env: anyEnvironment.parse(env), assigned: { ...told, work } };
    default:
      return work satisfies never;
  }
}
