import type { Command } from 'commander';
import { aliasOf, folderOf, limitOf, repositoryAndAlias, secondsOf, tokenOf } from './arguments.ts';
import type { Connection } from './connection.ts';
import type { CliContext } from './context.ts';
import type { BreakRequest } from './lock-break.ts';
import type { ReleaseRequest } from './release-owner.ts';

/** Connects, runs one verb, and ends with its exit code; errors are told there. */
export type Run = (connection: Connection, verb: (context: CliContext) => Promise<number>) => Promise<void>;

/** The verbs for an engine. What a flag leaves open, its environment variable says. Each is loaded when it is asked for. */
export function addEngineVerbs(program: Command, run: Run): void {
  connectionOptions(program.command('index'))
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
      await run(options, async context => (await import('./index-verb.ts')).indexVerb(context, repository, request));
    });
  connectionOptions(program.command('list'))
    .description('list the aliases that can be searched')
    .action(async (options: Connection) =>
      run(options, async context => (await import('./list.ts')).listVerb(context)),
    );
  connectionOptions(program.command('status'))
    .description('say what is live under an alias, from which commit, and who is at work')
    .argument('<alias>', 'as `reindeer list` prints it', aliasOf)
    .action(async (alias: string, options: Connection) =>
      run(options, async context => (await import('./status.ts')).statusVerb(context, alias)),
    );
  connectionOptions(program.command('search'))
    .description('search an alias; prints path, line and the best line of each place')
    .argument('<alias>', 'as `reindeer list` prints it', aliasOf)
    .argument('<query...>')
    .option('--limit <count>', 'places to show, 1 to 100', limitOf, 10)
    .action(async (alias: string, words: readonly string[], options: SearchOptions) =>
      run(options, async context =>
        (await import('./search.ts')).searchVerb(context, alias, words.join(' '), options.limit),
      ),
    );
  connectionOptions(program.command('forget'))
    .description('remove what a run that failed left of an alias that serves nothing')
    .argument('<alias>', 'as `reindeer list` prints it', aliasOf)
    .action(async (alias: string, options: Connection) =>
      run(options, async context => (await import('./forget.ts')).forgetVerb(context, alias)),
    );
  addConformance(program, run);
  const lock = program.command('lock').description('see who holds an alias, and take it from a holder that is gone');
  addLockCommands(lock, run);
  addOperatorCommands(program.command('operator').description('see which operators work on an engine'), run);
}

function addOperatorCommands(operator: Command, run: Run): void {
  connectionOptions(operator.command('show'))
    .description('say which operators wrote themselves down, and which are at odds')
    .action(async (options: Connection) =>
      run(options, async context => (await import('./operator-verbs.ts')).operatorShowVerb(context)),
    );
  connectionOptions(operator.command('keep'))
    .description('of two operators that take themselves for the same one, name the one that stays')
    .argument('<id>', 'as condition OperatorTwin and `operator show` print it')
    .action(async (id: string, options: Connection) =>
      run(options, async context => (await import('./operator-verbs.ts')).operatorKeepVerb(context, id)),
    );
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
      run(options, async context =>
        (await import('./conformance.ts')).conformanceVerb(context, { ...options, cases: options.case, command }),
      ),
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
      run(options, async context => (await import('./lock-show.ts')).lockShowVerb(context, alias, options.watch)),
    );
  connectionOptions(lock.command('break'))
    .description('take lock and writers from whoever holds them; their late writes are shut out')
    .argument('<alias>', 'as `reindeer list` prints it', aliasOf)
    .requiredOption('--reason <text>', 'why, for whoever held it')
    .option('--token <number>', 'only if the lock still has this token, as `lock show` printed it', tokenOf)
    .action(async (alias: string, options: Connection & BreakRequest) =>
      run(options, async context => (await import('./lock-break.ts')).lockBreakVerb(context, alias, options)),
    );
  connectionOptions(lock.command('release-owner'))
    .description('let an alias go whose owner is gone for good; the next IndexedRepo that declares it takes it over')
    .argument('<alias>', 'as `reindeer list` prints it', aliasOf)
    .requiredOption('--uid <uid>', 'uid of that owner, as `lock show` prints it')
    .requiredOption('--reason <text>', 'why, for whoever reads it later')
    .action(async (alias: string, options: Connection & ReleaseRequest) =>
      run(options, async context => (await import('./release-owner.ts')).releaseOwnerVerb(context, alias, options)),
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
