import { managedBy } from '../api/meta.ts';
import { chunkerHash, schemaVersion, selectionHash } from '../domain/document-model.ts';
import { TerminalError } from '../domain/errors.ts';
import type { IndexMeta } from '../domain/index-body.ts';
import { isoSeconds } from '../domain/progress.ts';
import { type AliasRecord, newVersionRecord, type VersionRecord } from '../domain/records.ts';
import { branchLabel } from '../domain/ref.ts';
import { indexBody, shapeHash } from '../domain/shape.ts';
import { versionName } from '../domain/version.ts';
import { writeAliasOf } from '../fences/write-alias.ts';
import { reindeerVersion } from '../runtime/version.ts';
import { cliOwnerUid, type CliContext } from './context.ts';
import { cliSelection, type IndexRequest } from './index-run.ts';
import type { Source } from './source.ts';

/** As many replicas as an IndexedRepo has when it says nothing; on a single node they stay unassigned. */
export const cliShape = { shards: 1, replicas: 1 } as const;

export type CandidateContext = { readonly request: IndexRequest; readonly record: AliasRecord; readonly token: number };

/** A candidate of ours that an earlier run left is gone on with if it is what we would make; else it is removed. */
export async function candidateNumber(
  context: CliContext,
  source: Source,
  candidate: CandidateContext,
): Promise<number> {
  const { settings } = context;
  const { alias } = candidate.request;
  const left = candidate.record.candidate;
  if (left !== null && (await isUsable(context, source, candidate.request, left))) return left;
  if (left !== null) await deleteVersion(context, alias, left);
  const changed = await settings.changeAlias(alias, known => ({
    ...known,
    candidate: known.nextVersion,
    nextVersion: known.nextVersion + 1,
  }));
  const number = changed.nextVersion - 1;
  await createCandidate(context, source, candidate, number);
  return number;
}

async function isUsable(
  { engine, settings }: CliContext,
  source: Source,
  request: IndexRequest,
  number: number,
): Promise<boolean> {
  const index = versionName(request.alias, number);
  const [found] = await engine.indices.describe(index);
  const record = await settings.versionRecord(index);
  return (
    found?.meta['ownerUid'] === cliOwnerUid &&
    found.meta['shapeHash'] === shapeHash(cliShape) &&
    record?.source.schema === schemaVersion &&
    record.source.chunkerHash === chunkerHash &&
    isOfSource(record.source, source, request)
  );
}

/** Whether a version holds this repository, and of it the same folder. */
export function isOfSource(
  { repoUrl, folder = '' }: Pick<VersionRecord, 'repoUrl' | 'folder'>,
  source: Pick<Source, 'repoUrl'>,
  request: Pick<IndexRequest, 'folder'>,
): boolean {
  return repoUrl === source.repoUrl && folder === request.folder;
}

async function createCandidate(
  { engine, settings, clock, processUid }: CliContext,
  source: Source,
  { request, token }: CandidateContext,
  number: number,
): Promise<void> {
  const { alias, branch, folder } = request;
  const index = versionName(alias, number);
  const meta: IndexMeta = {
    managedBy,
    schema: schemaVersion,
    alias,
    version: number,
    ownerUid: cliOwnerUid,
    requestUid: processUid,
    token,
    shapeHash: shapeHash(cliShape),
  };
  const body = indexBody({ shape: cliShape, shards: cliShape.shards, meta });
  if ((await engine.indices.create(index, { ...body, aliases: writeAliasOf(index, 0) })) === 'exists') {
    throw new TerminalError(
      'Drifted',
      `index ${index} exists already and is not ours: delete it, or choose another alias`,
    );
  }
  await settings.createVersion(
    newVersionRecord({
      alias,
      number,
      ownerUid: cliOwnerUid,
      branch: branchLabel(branch),
      repoUrl: source.repoUrl,
      ...(folder !== '' && { folder }),
      schema: schemaVersion,
      chunkerHash,
      selectionHash: selectionHash(cliSelection(folder)),
      shapeHash: shapeHash(cliShape),
      workerImage: `reindeer ${reindeerVersion}`,
      since: isoSeconds(clock.now()),
    }),
  );
}

/** Only what carries our uid, and never what an alias of users still serves. */
export async function deleteVersion({ engine, settings }: CliContext, alias: string, number: number): Promise<void> {
  const index = versionName(alias, number);
  const members = await engine.aliases.members(alias);
  if (members.some(member => member.index === index)) {
    throw new TerminalError('Drifted', `"${alias}" still serves version ${number}: it is not deleted`);
  }
  const [found] = await engine.indices.describe(index);
  if (found !== undefined && found.meta['ownerUid'] === cliOwnerUid) await engine.indices.delete(index);
  await settings.deleteVersion(index);
}
