import { randomUUID } from 'node:crypto';
import type { CliContext } from '../../../src/cli/context.ts';
import type { Engine } from '../../../src/engine/port.ts';
import { settingsOn } from '../../../src/registry/settings.ts';
import { systemClock } from '../../../src/runtime/clock.ts';

/** The command line as a user has it, without a process of its own: what it prints is in `said`. */
export function aCommandLine(engine: Engine, prefix: string): CliContext & { readonly said: string[] } {
  const said: string[] = [];
  return {
    engine,
    address: { endpoints: [] },
    settings: settingsOn(engine, `${prefix}-settings`),
    settingsIndex: `${prefix}-settings`,
    settingsOn: index => settingsOn(engine, index),
    clock: systemClock,
    output: { line: text => said.push(text), note: text => said.push(text), progress: () => undefined },
    git: {},
    signal: new AbortController().signal,
    holderName: 'cli/test:1',
    user: 'ann@laptop',
    processUid: randomUUID(),
    said,
  };
}
