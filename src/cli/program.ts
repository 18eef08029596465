import { Argument, Command } from 'commander';
import { reindeerVersion } from '../runtime/version.ts';
import { completionScripts, type Shell, shells } from './completion-scripts.ts';
import { addEngineVerbs, type Run } from './engine-program.ts';
import type { Ask } from './people/context.ts';
import { addPeopleVerbs } from './people/program.ts';

/** The command line: verbs, arguments and flags. `name` is how it was called, `reindeer` or `kubectl reindeer`. */
export function createProgram(run: Run, ask: Ask, name = 'reindeer'): Command {
  const program = new Command(name)
    .description(
      'Indexes Git repositories into a search engine under an alias, and says what becomes of runs in Kubernetes.',
    )
    .version(reindeerVersion)
    .showHelpAfterError('(add --help for usage)')
    // Thrown as CommanderError instead: whoever runs the program decides about exit codes.
    .exitOverride();
  program.commandsGroup('Runs in Kubernetes:');
  addPeopleVerbs(program, ask);
  program.commandsGroup('A search engine, without Kubernetes:');
  addEngineVerbs(program, run);
  program.commandsGroup('The program itself:');
  addCompletion(program);
  return program;
}

/** Printed as it is: a shell reads it. */
function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print what bash, zsh or fish needs to complete this program')
    .addArgument(new Argument('<shell>').choices(shells))
    .action((shell: Shell) => {
      program.configureOutput().writeOut?.(completionScripts[shell]);
    });
}
