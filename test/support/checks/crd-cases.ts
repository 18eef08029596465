import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { z } from 'zod';

/** The manifests of `test/cases/crd`, each with its verdict: one folder that Zod and the real API server both judge. */

const folder = join(import.meta.dirname, '..', '..', 'cases', 'crd');

const manifest = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.strictObject({ name: z.string() }),
  spec: z.unknown(),
});

const crdCase = z.strictObject({
  verdict: z.enum(['accepted', 'refused']),
  /** The field that both must name when they refuse. */
  field: z.string().optional(),
  /** Words of ours that both must say. */
  message: z.string().optional(),
  /** Words of the API server for what its own keywords check. */
  serverMessage: z.string().optional(),
  manifest,
  /** Applied second, over `manifest`, which is accepted then: the verdict is about this edit. */
  update: manifest.optional(),
});

export type Manifest = z.infer<typeof manifest>;
export type CrdCase = z.infer<typeof crdCase> & { readonly name: string };

/** All cases, by name of file. A refusal says which field and why, or it would be accepted for any reason at all. */
export function crdCases(): readonly CrdCase[] {
  return readdirSync(folder)
    .toSorted()
    .map(file => {
      const found = crdCase.parse(load(readFileSync(join(folder, file), 'utf8')));
      if (
        found.verdict === 'refused' &&
        (found.field === undefined || (found.message ?? found.serverMessage) === undefined)
      ) {
        throw new Error(`${file}: a refusal names the field, and message or serverMessage`);
      }
      return { name: file.replace('.yaml', ''), ...found };
    });
}
