import { terminationMessageMaxBytes } from '../work/contract.ts';
import type { Case } from './case.ts';
import { expectExit, expectThat, messageOf } from './subject.ts';

/** What a run leaves behind when nothing is in its way. */
export const indexingCases: readonly Case[] = [
  {
    name: 'full',
    about: 'fills an empty version, records commit and counts, gives its lease back',
    run: async stage => {
      const subject = await stage.newVersion();
      await subject.runWell('full', stage.repository.first);
      await subject.expectHolds(stage.repository.first);
      const { phase } = await subject.record();
      expectThat(phase === 'Complete', `the record says phase ${phase}, expected Complete`);
      return undefined;
    },
  },
  {
    name: 'noop',
    about: 'writes nothing when the version holds the commit already',
    run: async stage => {
      const subject = await stage.newVersion();
      await subject.runWell('full', stage.repository.first);
      const before = await subject.lastOperation();
      const ended = await subject.runWell('incremental', stage.repository.first);
      const { outcome } = messageOf(ended);
      expectThat(outcome === 'noop', `the outcome is "${outcome}", expected "noop"`);
      const after = await subject.lastOperation();
      expectThat(after === before, `${after - before} operations were sent for nothing`);
      await subject.expectHolds(stage.repository.first);
      return undefined;
    },
  },
  {
    name: 'incremental',
    about: 'follows a changed, a removed and a new file, and leaves nothing of what was',
    run: async stage => {
      const { first, second } = stage.repository;
      const subject = await stage.newVersion();
      await subject.runWell('full', first);
      await subject.runWell('incremental', second);
      await subject.expectHolds(second);
      const { base } = await subject.record();
      expectThat(base === first.commit, `the record says base ${base ?? 'none'}, expected ${first.commit}`);
      const old = (await subject.documents()).filter(hit => JSON.stringify(hit.source).includes('alpha0first'));
      expectThat(old.length === 0, `${old.length} documents still hold the content of the commit before`);
      return undefined;
    },
  },
  {
    name: 'pinned-commit',
    about: 'indexes REINDEER_COMMIT, wherever the branch has moved to since',
    run: async stage => {
      const subject = await stage.newVersion();
      await subject.runWell('full', stage.repository.first);
      await subject.expectHolds(stage.repository.first);
      return undefined;
    },
  },
  {
    name: 'public-alias',
    about: 'never writes through the public alias',
    run: async stage => {
      const subject = await stage.newVersion();
      const decoy = `${subject.alias}-decoy`;
      await stage.engine.indices.create(decoy, {
        settings: { 'index.number_of_replicas': '0' },
        mappings: {},
        aliases: { [subject.alias]: { is_write_index: true } },
      });
      await subject.runWell('full', stage.repository.first);
      await stage.engine.indices.refresh(decoy);
      const strayed = await stage.engine.indices.count(decoy);
      expectThat(strayed === 0, `${strayed} documents were written through the public alias`);
      await subject.expectHolds(stage.repository.first);
      return undefined;
    },
  },
  {
    name: 'termination-message',
    about: 'says how it ended in the shape of the contract, when it ends well and when it does not',
    run: async stage => {
      const subject = await stage.newVersion();
      const ended = await subject.runWell('full', stage.repository.first);
      const said = messageOf(ended);
      const bytes = Buffer.byteLength(ended.message);
      expectThat(
        bytes <= terminationMessageMaxBytes,
        `it has ${bytes} bytes, at most ${terminationMessageMaxBytes} are kept`,
      );
      expectThat(said.outcome === 'succeeded', `the outcome is "${said.outcome}", expected "succeeded"`);
      expectThat(said.commit === stage.repository.first.commit, `it names commit "${said.commit}"`);
      expectThat(said.index === subject.index, `it names index "${said.index}", expected "${subject.index}"`);
      const { files } = await subject.record();
      expectThat(said.files.total === files, `it says ${said.files.total} files, the record ${files}`);
      const failed = messageOf(await (await stage.newVersion()).run({ REINDEER_COMMIT: 'a'.repeat(40) }));
      expectThat(
        failed.outcome === 'failed' && failed.reason !== '',
        'a run that failed does not say so, with a reason',
      );
      return undefined;
    },
  },
  {
    name: 'locked',
    about: 'leaves the live version alone while a heavy run holds the alias: exit code 0, outcome skipped',
    run: async stage => {
      const { first, second } = stage.repository;
      const subject = await stage.newVersion();
      const { settings, alias, index } = subject;
      await subject.runWell('full', first);
      await settings.changeVersion(index, record => ({ ...record, phase: 'Live' }));
      const holder = { kind: 'Heavy', name: 'ReindexRequest/other', uid: 'other', pod: '' } as const;
      await settings.acquire({ of: 'alias', alias }, holder, { leaseSeconds: 600, tokenFloor: 0 });
      const ended = await subject.run({
        REINDEER_MODE: 'incremental',
        REINDEER_REQUEST_UID: '',
        REINDEER_COMMIT: second.commit,
      });
      expectExit(ended, 0);
      const { outcome } = messageOf(ended);
      expectThat(outcome === 'skipped', `the outcome is "${outcome}", expected "skipped"`);
      await subject.expectHolds(first);
      return undefined;
    },
  },
];
