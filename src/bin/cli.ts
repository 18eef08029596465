import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { engineOptions, gitCredentials, type Connection } from '../cli/connection.ts';
import type { CliContext } from '../cli/context.ts';
import { createOutput } from '../cli/output.ts';
import { createProgram } from '../cli/program.ts';
import { tellFailure } from '../cli/tell-failure.ts';
import { secretsOf } from '../domain/git-credentials.ts';
import { connect } from '../engine/connect.ts';
import { settingsOn } from '../registry/settings.ts';
import { systemClock as clock } from '../runtime/clock.ts';
import { createRedactor } from '../runtime/redact.ts';
import { StoppedError } from '../workers/index/outcome.ts';

/** The command line: real clients, and every error told as what was wanted, what was found and what to do. */

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

async function run(connection: Connection, verb: (context: CliContext) => Promise<number>): Promise<void> {
  const git = await gitCredentials(connection, process.env);
  const options = await engineOptions(connection, process.env, clock);
  for (const secret of [...secretsOf(git), options.password ?? '', options.apiKey ?? '']) redactor.hide(secret);
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
}

try {
  await createProgram(run).parseAsync();
} catch (error) {
  process.exitCode = tellFailure(error, { output, redact: text => redactor.redact(text) });
}
