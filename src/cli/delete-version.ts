import { removeVersion, toDelete } from '../alias/effects/delete-version.ts';
import { versionSet } from '../alias/version-set.ts';
import { cliOwnerUid, type CliContext } from './context.ts';
import { handsOf } from './drive.ts';

/** Only what carries our uid, and never what an alias of users still serves. */
export async function deleteVersion(context: CliContext, alias: string, number: number): Promise<void> {
  const { engine, settings } = context;
  const sides = {
    versions: await settings.versionRecords(alias),
    indices: await engine.indices.describe(`${alias}-v*`),
  };
  const set = versionSet(sides, alias, number);
  await removeVersion({ alias, ...toDelete(set), ownerUid: cliOwnerUid }, handsOf(context));
}
