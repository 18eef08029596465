import { randomBytes } from 'node:crypto';
import { apiVersion } from '../api/meta.ts';
import type { NewObject } from '../api/object.ts';
import { reindexRequestResource } from '../api/reindex-request.ts';
import { nameStem } from '../domain/child-name.ts';
import type { Desk } from '../reading/desk.ts';

/** As many characters as a label value has: the name of a request ends up in labels of its Jobs. */
const longestStem = 63 - '-abcdef'.length;

/** A name that no other request has: the stem, cut where it is long, and some characters by chance. */
export function newName(stem: string): string {
  return `${nameStem(stem, longestStem)}-${randomBytes(3).toString('hex')}`;
}

/** A ReindexRequest that is not there yet. */
export function requestNamed({ namespace }: Desk, name: string, spec: object): NewObject {
  return { apiVersion, kind: reindexRequestResource.kind, metadata: { namespace, name }, spec };
}
