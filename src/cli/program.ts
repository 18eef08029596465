import { Command, InvalidArgumentError } from 'commander';
import { aliasProblem, splitRepositoryArgument } from '../domain/aliases.ts';
import { reindeerVersion } from '../runtime/version.ts';
import type { Connection } from './connection.ts';
import type { CliContext } from './context.ts';
import { indexVerb } from './index-verb.ts';
import { listVerb } from './list.ts';
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
    .option('--clean', 'build a new version beside the live one and switch to it', false)
    .option('--keep-old-indices', 'keep the version that was live before', false)
    .option('--git-ca <file>', 'PEM file of the CA of the Git server')
    .action(async (argument: string, options: IndexOptions) => {
      const { repository, alias } = repositoryAndAlias(argument);
      const { branch, clean, keepOldIndices } = options;
      await run(options, context => indexVerb(context, repository, { alias, branch, clean, keepOldIndices }));
    });
  connected(program.command('list'))
    .description('list the aliases that can be searched')
    .action(async (options: Connection) => run(options, listVerb));
  connected(program.command('status'))
    .description('say what is live under an alias, from which commit, and who is at work')
    .argument('<alias>')
    .action(async (alias: string, options: Connection) => run(options, context => statusVerb(context, alias)));
  connected(program.command('search'))
    .description('search an alias; prints path, line and the best line of each place')
    .argument('<alias>')
    .argument('<query...>')
    .option('--limit <count>', 'places to show, 1 to 100', limitOf, 10)
    .action(async (alias: string, words: readonly string[], options: SearchOptions) =>
      run(options, context => searchVerb(context, alias, words.join(' '), options.limit)),
    );
  return program;
}

type IndexOptions = Connection & { readonly branch: string; readonly clean: boolean; readonly keepOldIndices: boolean };
type SearchOptions = Connection & { readonly limit: number };

function connectionOptions(command: Command): Command {
  return command
    .option('--endpoint <url>', 'Elasticsearch (ELASTICSEARCH_ENDPOINT)')
    .option('--username <name>', 'user name (ELASTICSEARCH_USERNAME); the password comes from ELASTICSEARCH_PASSWORD')
    .option('--ca <file>', 'PEM file of the CA of Elasticsearch (ELASTICSEARCH_CA_CERT)')
    .option('--settings-index <name>', 'where aliases and versions are recorded', 'reindeer-settings');
}

function repositoryAndAlias(argument: string): { readonly repository: string; readonly alias: string } {
  const split = splitRepositoryArgument(argument);
  const problem = aliasProblem(split.alias);
  if (problem === undefined) return split;
  throw new UsageError('no alias can be made of the name of the repository: write REPOSITORY:ALIAS');
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100) return limit;
  throw new InvalidArgumentError('It must be a whole number from 1 to 100.');
}
