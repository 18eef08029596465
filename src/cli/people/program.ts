import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Ask, ClusterFlags } from './context.ts';
import type { PlanFlags } from './plan.ts';

/** The verbs for people: they speak with Kubernetes alone, never with an engine. Each is loaded when it is asked for. */
export function addPeopleVerbs(program: Command, ask: Ask): void {
  addControl(program, ask);
  addRollback(program, ask);
  addWatch(program, ask);
  addPlan(program, ask);
}

const run = 'a ReindexRequest, or an IndexedRepo for its unfinished run: NAME, rreq/NAME or irepo/NAME';
const repo = 'an IndexedRepo: NAME or irepo/NAME';

function addControl(program: Command, ask: Ask): void {
  writing(program.command('pause'))
    .description('stop a run where it is, its clocks too; an IndexedRepo without a run starts nothing new')
    .argument('<run>', run)
    .action(async (name: string, flags: ClusterFlags) => {
      const { pauseVerb } = await import('./control.ts');
      await ask(flags, context => pauseVerb(context, name));
    });
  writing(program.command('resume'))
    .description('let go on what was paused')
    .argument('<run>', run)
    .action(async (name: string, flags: ClusterFlags) => {
      const { resumeVerb } = await import('./control.ts');
      await ask(flags, context => resumeVerb(context, name));
    });
  writing(program.command('abort'))
    .description('end a run: before the switch it is undone, while it bakes the version before serves again')
    .argument('<run>', run)
    .action(async (name: string, flags: ClusterFlags) => {
      const { abortVerb } = await import('./control.ts');
      await ask(flags, context => abortVerb(context, name));
    });
  writing(program.command('approve'))
    .description('let a run through the gate that it waits at, or past checks that are unclear')
    .argument('<run>', run)
    .addOption(
      new Option('--gate <gate>', 'this gate, also ahead of time; default: what it waits for').choices([
        'BeforeSwitch',
        'AfterBake',
        'Unclear',
      ]),
    )
    .action(async (name: string, flags: ClusterFlags & { readonly gate?: string }) => {
      const { approveVerb } = await import('./control.ts');
      await ask(flags, context => approveVerb(context, name, flags.gate));
    });
}

type RollbackFlags = ClusterFlags & {
  readonly toVersion?: number;
  readonly warmFirst?: boolean;
  readonly wait?: boolean;
};

function addRollback(program: Command, ask: Ask): void {
  writing(program.command('rollback'))
    .description('serve a retired version again; goes before a running rebuild, which is aborted')
    .argument('<repo>', repo)
    .option('--to-version <number>', 'this version; default: the one that was left last', versionOf)
    .option('--wait', 'until it is over; the exit code says how it ended, as that of `watch` does')
    .option('--warm-first', 'warm and verify it before it serves')
    .action(async (name: string, flags: RollbackFlags) => {
      const { rollbackVerb } = await import('./rollback.ts');
      await ask(flags, context => rollbackVerb(context, name, flags));
    });
}

function addWatch(program: Command, ask: Ask): void {
  onCluster(program.command('watch'))
    .description('show what runs do until they are over; the exit code says how they ended')
    .argument('[run]', `${run}; default: all runs of the namespace that are not over`)
    .addOption(new Option('-o, --output <format>', 'print each object that changed').choices(['json', 'yaml']))
    .action(async (name: string | undefined, flags: ClusterFlags) => {
      const { watchVerb } = await import('./watch.ts');
      await ask(flags, context => watchVerb(context, name));
    });
}

function addPlan(program: Command, ask: Ask): void {
  onCluster(program.command('plan'))
    .description(
      'have the operator look what a ReindexRequest, or the rebuild of an IndexedRepo, would do; nothing is done',
    )
    .requiredOption('-f, --filename <file>', 'YAML or JSON of one object; - is standard input')
    .option('--timeout <duration>', 'how long it is waited for the operator, such as 90s', '5m')
    .addOption(new Option('-o, --output <format>', 'print the dry run as it ended').choices(['json', 'yaml']))
    .action(async (flags: ClusterFlags & PlanFlags) => {
      const { planVerb } = await import('./plan.ts');
      await ask(flags, context => planVerb(context, flags));
    });
}

function writing(command: Command): Command {
  return onCluster(command)
    .addOption(new Option('-o, --output <format>', 'print the object').choices(['json', 'yaml', 'name']))
    .addOption(
      new Option('--dry-run <mode>', 'server: the API server checks it, and nothing is done')
        .choices(['none', 'server'])
        .default('none'),
    );
}

function onCluster(command: Command): Command {
  return command
    .option('-n, --namespace <name>', 'default: the one of the context')
    .option('--context <name>', 'of the kubeconfig; default: its current one')
    .option('--kubeconfig <file>', 'default: as kubectl finds it');
}

function versionOf(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= 1 && number <= Number.MAX_SAFE_INTEGER) return number;
  throw new InvalidArgumentError('It must be the number of a version, 1 or more.');
}
