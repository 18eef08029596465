import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { calledAs } from '../cli/called-as.ts';
import type { Run } from '../cli/engine-program.ts';
import { createOutput } from '../cli/output.ts';
import type { Ask } from '../cli/people/context.ts';
import { createScreen } from '../cli/people/screen.ts';
import { createProgram } from '../cli/program.ts';
import { tellFailure } from '../cli/tell-failure.ts';
import { UsageError } from '../cli/usage-error.ts';
import { secretsOf } from '../domain/git-credentials.ts';
import type { KubeAccess } from '../kube/access.ts';
import { tellable } from '../reading/refusal.ts';
import { systemClock as clock } from '../runtime/clock.ts';
import { createRedactor } from '../runtime/redact.ts';
import { StoppedError } from '../workers/run/outcome.ts';

/**
 * The command line: real clients, and every error told as what was wanted, what was found and what to do. The clients of
 * engines and of Kubernetes are loaded when a verb wants them, and no verb wants both.
 */

const output = createOutput({ out: process.stdout, err: process.stderr }, clock);
const redactor = createRedactor();
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () =>
    interrupted.abort(new StoppedError(`stopped by ${signal}: the next run goes on from here`)),
  );
}

/** A container may run as a number that has no name. */
function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

const run: Run = async (connection, verb) => {
  const { engineOptions, gitCredentials } = await import('../cli/connection.ts');
  const git = await gitCredentials(connection, process.env);
  const options = await engineOptions(connection, process.env, clock);
  for (const secret of [...secretsOf(git), options.password ?? '', options.apiKey ?? '']) redactor.hide(secret);
  const { connect } = await import('../engine/connect.ts');
  const { settingsOn } = await import('../registry/settings.ts');
  const engine = connect(options);
  try {
    process.exitCode = await verb({
      engine,
      address: options,
      settings: settingsOn(engine, connection.settingsIndex),
      settingsIndex: connection.settingsIndex,
      settingsOn: index => settingsOn(engine, index),
      clock,
      output,
      git,
      signal: interrupted.signal,
      holderName: `cli/${hostname()}:${process.pid}`,
      user: `${loginName()}@${hostname()}`,
      processUid: randomUUID(),
    });
  } finally {
    await engine.close();
  }
};

/** Fields that people change are known by this name, whatever the program is called by. */
const fieldManager = 'reindeer-cli';

const ask: Ask = async (flags, verb) => {
  const access = await clusterAccess(flags.kubeconfig, flags.context);
  const { createKube } = await import('../kube/client.ts');
  const isDryRun = flags.dryRun === 'server';
  const writes = { fieldManager, isStrict: true };
  const kube = createKube(access, { writes: { ...writes, isDryRun } });
  const trial = createKube(access, { writes: { ...writes, isDryRun: true } });
  const namespace = flags.namespace ?? access.namespace ?? 'default';
  try {
    const desk = { kube, trial, namespace, clock, signal: interrupted.signal };
    process.exitCode = await verb({
      desk,
      output,
      screen: createScreen(process.stdout),
      format: flags.output,
      isDryRun,
    });
  } catch (error) {
    throw tellable(error, namespace);
  } finally {
    await Promise.all([kube.close(), trial.close()]);
  }
};

async function clusterAccess(path: string | undefined, context: string | undefined): Promise<KubeAccess> {
  const { loadKubeConfig } = await import('../kube/kubeconfig.ts');
  try {
    return await loadKubeConfig(path, context);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

const as = calledAs(process.argv[1]);
const program = createProgram(run, ask, as === 'kubectl reindeer' ? as : 'reindeer');
const [, , first = '', ...rest] = process.argv;

/** Ends at once: what was asked in vain would hold the process. */
async function printCompletion(words: readonly string[]): Promise<never> {
  const { complete, completionText } = await import('../cli/complete.ts');
  const { clusterLookup } = await import('./completion.ts');
  const text = completionText(await complete(program, words, clusterLookup));
  await new Promise(written => process.stdout.write(text, written));
  process.exit(0);
}

try {
  if (as === 'completion') await printCompletion(process.argv.slice(2));
  if (first === '__complete') await printCompletion(rest);
  await program.parseAsync();
} catch (error) {
  process.exitCode = tellFailure(error, { output, redact: text => redactor.redact(text) });
}
