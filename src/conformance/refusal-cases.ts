import { exitCodes } from '../api/exit-codes.ts';
import { withFormerNames } from '../domain/engine-variables.ts';
import type { Case } from './case.ts';
import type { Stage } from './stage.ts';
import { expectExit, expectThat } from './subject.ts';

/** Exit codes by which the operator knows that another try cannot help. */
export const refusalCases: readonly Case[] = [
  {
    name: 'bad-configuration',
    about: `a mode or a contract that does not exist, or no commit: exit code ${exitCodes.badConfiguration}`,
    run: async stage => {
      const { commit } = stage.repository.first;
      await refused(stage, { REINDEER_MODE: 'sideways', REINDEER_COMMIT: commit }, exitCodes.badConfiguration);
      await refused(stage, {}, exitCodes.badConfiguration);
      await refused(stage, { REINDEER_CONTRACT: '99', REINDEER_COMMIT: commit }, exitCodes.badConfiguration);
      return undefined;
    },
  },
  {
    name: 'gone-commit',
    about: `a commit that the repository does not have: exit code ${exitCodes.refGone}`,
    run: async stage => {
      await refused(stage, { REINDEER_COMMIT: 'a'.repeat(40) }, exitCodes.refGone);
      return undefined;
    },
  },
  {
    name: 'denied',
    about: `credentials that the engine refuses: exit code ${exitCodes.denied}`,
    run: async stage => {
      if ((stage.address.username ?? '') === '') return 'this engine asks for no credentials';
      const wrong = {
        REINDEER_COMMIT: stage.repository.first.commit,
        ...withFormerNames({ SEARCH_PASSWORD: 'not the password' }),
      };
      await refused(stage, wrong, exitCodes.denied);
      return undefined;
    },
  },
];

async function refused(stage: Stage, changes: Readonly<Record<string, string>>, code: number): Promise<void> {
  const subject = await stage.newVersion();
  expectExit(await subject.run(changes), code);
  const { commit } = await subject.record();
  expectThat(commit === null, `the record says commit ${commit ?? ''} after a run that was refused`);
  const written = await subject.count();
  expectThat(written === 0, `${written} documents were written by a run that was refused`);
}
