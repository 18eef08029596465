import { Command, InvalidArgumentError } from 'commander';
import { aliasProblem, splitRepositoryArgument } from '../domain/aliases.ts';
import { bounded } from '../domain/bounded-text.ts';
import { reindeerVersion } from '../runtime/version.ts';
import { conformanceVerb } from './conformance.ts';
import type { Connection } from './connection.ts';
import type { CliContext } from './context.ts';
import { forgetVerb } from './forget.ts';
import { folderOf } from './index-run.ts';
import { indexVerb } from './index-verb.ts';
import { listVerb } from './list.ts';
import { lockBreakVerb, type BreakRequest } from './lock-break.ts';
import { lockShowVerb } from './lock-show.ts';
import { operatorKeepVerb, operatorShowVerb } from './operator-verbs.ts';
import { releaseOwnerVerb, type ReleaseRequest } from './release-owner.ts';
import { searchVerb } from './search.ts';
import { statusVerb } from './status.ts';
import { UsageError } from './usage-error.ts';

/** Connects, runs one verb, and ends with its exit code; errors are told there. */
export type Run = (connection: Connection, verb: (context: CliContext) => Promise<number>) => Promise<void>;

/** The command line: verbs, arguments and flags. What a flag leaves open, its environment variable says. */
export function createProgram(run: Run): Command {
  const program = new Command('reindeer')
    .description('Indexes Git repositories into Elasticsearch under an alias, and searches them.')
    .version(reindeerVersion)
    .showHelpAfterError('(add --help for usage)')
    // Thrown as CommanderError instead: whoever runs the program decides about exit codes.
    .exitOverride();
  const connected = (command: Command): Command => connectionOptions(command);
  connected(program.command('index'))
    .description('index a repository, or bring its index up to date')
    .argument('<repository>', 'PATH or URL of a Git repository, with :ALIAS if it shall not be its own name')
    .option('--branch <branch>', 'branch, tag or commit; default: HEAD', '')
    .option('--path <folder>', 'only this folder of the repository; paths stay those of the repository', folderOf, '')
    .option('--clean', 'build a new version beside the live one and switch to it', false)
    .option('--keep-old-indices', 'keep the version that was live before', false)
    .option('--git-ca <file>', 'PEM file of the CA of the Git server')
    .action(async (argument: string, options: IndexOptions) => {
      const { repository, alias } = repositoryAndAlias(argument);
      const { branch, path: folder, clean, keepOldIndices } = options;
      const request = { alias, branch, folder, clean, keepOldIndices };
      await run(options, context => indexVerb(context, repository, request));
    });
  connected(program.command('list'))
    .description('list the aliases that can be searched')
    .action(async (options: Connection) => run(options, listVerb));
  connected(program.command('status'))
    .description('say what is live under an alias, from which commit, and who is at work')
    .argument('<alias>', 'as `reindeer list` prints it', aliasOf)
    .action(async (alias: string, options: Connection) => run(options, context => statusVerb(context, alias)));
  connected(program.command('search'))
    .description('search an alias; prints path, line and the best line of each place')
    .argument('<alias>', 'as `reindeer list` prints it', aliasOf)
    .argument('<query...>')
    .option('--limit <count>', 'places to show, 1 to 100', limitOf, 10)
    .action(async (alias: string, words: readonly string[], options: SearchOptions) =>
      run(options, context => searchVerb(context, alias, words.join(' '), options.limit)),
    );
  connected(program.command('forget'))
    .description('remove what a run that failed left of an alias that serves nothing')
    .argument('<alias>', 'as `reindeer list` prints it', aliasOf)
    .action(async (alias: string, options: Connection) => run(options, context => forgetVerb(context, alias)));
  addConformance(program, run);
  const lock = program.command('lock').description('see who holds an alias, and take it from a holder that is gone');
  addLockCommands(lock, run);
  addOperatorCommands(program.command('operator').description('see which operators work on an engine'), run);
  return program;
}

function addOperatorCommands(operator: Command, run: Run): void {
  connectionOptions(operator.command('show'))
    .description('say which operators wrote themselves down, and which are at odds')
    .action(async (options: Connection) => run(options, operatorShowVerb));
  connectionOptions(operator.command('keep'))
    .description('of two operators that take themselves for the same one, name the one that stays')
    .argument('<id>', 'as condition OperatorTwin and `operator show` print it')
    .action(async (id: string, options: Connection) => run(options, context => operatorKeepVerb(context, id)));
}

function addConformance(program: Command, run: Run): void {
  connectionOptions(program.command('conformance'))
    .description('check a worker of your own against the worker contract, on a real engine')
    .argument('[command...]', 'the worker as a plain command, after --')
    .option('--image <image>', 'the worker as an image, run as the operator runs it')
    .option('--runtime <program>', 'what runs the image: docker or podman', 'docker')
    .option('--case <names...>', 'only these cases', [])
    .option('--contract <number>', 'how it is told what to do: 1, one variable for each field, or 2, JSON', '1')
    .action(async (command: readonly string[], options: ConformanceOptions) =>
      run(options, context => conformanceVerb(context, { ...options, cases: options.case, command })),
    );
}

type ConformanceOptions = Connection & {
  readonly image?: string;
  readonly runtime: string;
  readonly case: readonly string[];
  readonly contract: string;
};

function addLockCommands(lock: Command, run: Run): void {
  connectionOptions(lock.command('show'))
    .description('say who holds the lock and who writes into each version')
    .argument('<alias>', 'as `reindeer list` prints it', aliasOf)
    .option('--watch <seconds>', 'look twice, this far apart, and say who renews, 1 to 3600', secondsOf, 0)
    .action(async (alias: string, options: Connection & { readonly watch: number }) =>
      run(options, context => lockShowVerb(context, alias, options.watch)),
    );
  connectionOptions(lock.command('break'))
    .description('take lock and writers from whoever holds them; their late writes are shut out')
    .argument('<alias>', 'as `reindeer list` prints it', aliasOf)
    .requiredOption('--reason <text>', 'why, for whoever held it')
    .option('--token <number>', 'only if the lock still has this token, as `lock show` printed it', tokenOf)
    .action(async (alias: string, options: Connection & BreakRequest) =>
      run(options, context => lockBreakVerb(context, alias, options)),
    );
  connectionOptions(lock.command('release-owner'))
    .description('let an alias go whose owner is gone for good; the next IndexedRepo that declares it takes it over')
    .argument('<alias>', 'as `reindeer list` prints it', aliasOf)
    .requiredOption('--uid <uid>', 'uid of that owner, as `lock show` prints it')
    .requiredOption('--reason <text>', 'why, for whoever reads it later')
    .action(async (alias: string, options: Connection & ReleaseRequest) =>
      run(options, context => releaseOwnerVerb(context, alias, options)),
    );
}

type IndexOptions = Connection & {
  readonly branch: string;
  readonly path: string;
  readonly clean: boolean;
  readonly keepOldIndices: boolean;
};
type SearchOptions = Connection & { readonly limit: number };

function connectionOptions(command: Command): Command {
  return command
    .option('--endpoint <url>', 'Elasticsearch or OpenSearch (SEARCH_ENDPOINT)')
    .option('--username <name>', 'user name (SEARCH_USERNAME); the password comes from SEARCH_PASSWORD')
    .option('--ca <file>', 'PEM file of the CA of the engine (SEARCH_CA_CERT)')
    .option('--settings-index <name>', 'where aliases and versions are recorded', 'reindeer-settings');
}

function repositoryAndAlias(argument: string): { readonly repository: string; readonly alias: string } {
  const split = splitRepositoryArgument(argument);
  const problem = aliasProblem(split.alias);
  if (problem === undefined) return split;
  throw new UsageError('no alias can be made of the name of the repository: write REPOSITORY:ALIAS');
}

/** One alias, never a list or a pattern. */
function aliasOf(text: string): string {
  const problem = aliasProblem(text);
  if (problem === undefined) return text;
  throw new UsageError(`${JSON.stringify(bounded(text))} is not one alias: it ${problem}`);
}

function limitOf(text: string): number {
  return wholeNumber(text, 1, 100);
}

function secondsOf(text: string): number {
  return wholeNumber(text, 1, 3600);
}

function tokenOf(text: string): number {
  return wholeNumber(text, 0, Number.MAX_SAFE_INTEGER);
}

function wholeNumber(text: string, from: number, to: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= from && number <= to) return number;
  throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
}
