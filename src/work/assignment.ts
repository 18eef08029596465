import { z } from 'zod';
import type { AliasMember } from '../domain/alias-member.ts';
import { isJsonObject, type JsonObject } from '../domain/json.ts';

const source = z.strictObject({
  url: z.string().min(1),
  /** Branch, tag or commit as it was declared; '' = HEAD. */
  ref: z.string(),
  include: z.array(z.string()),
  exclude: z.array(z.string()),
  maxFileBytes: z.number().int().positive(),
});

/** Every file, a sample of those that were written, or none. */
export const digestOf = z.enum(['Full', 'Sample', 'None']);

/** Fills a version from a Git tree, or brings it to another commit. */
const indexWork = z.strictObject({
  program: z.literal('index'),
  mode: z.enum(['full', 'incremental']),
  alias: z.string().min(1),
  /** The concrete index that is written. */
  index: z.string().min(1),
  commit: z.string().regex(/^[0-9a-f]{40,64}$/),
  /** The commit that the version holds before; '' = none. */
  base: z.string(),
  source,
  /** Workers that fill the version together, one part each: 1 to 256. */
  partitions: z.number().int().min(1).max(256),
  /** Of a light run: whether it works on while a heavy one holds the alias. */
  duringReindex: z.enum(['Skip', 'Continue']),
  /** Which files are put together of their chunks again and compared; absent = `Sample`. */
  digest: digestOf.optional(),
});

const ofCopy = {
  alias: z.string().min(1),
  /** The live index, which is read and which applications write into. */
  from: z.string().min(1),
  /** The candidate, which is written. */
  index: z.string().min(1),
  /** Of the version that is filled: every version of its documents begins with it. */
  number: z.number().int().min(1),
  partitions: z.literal(1),
};

/** Makes a version hold what the live one holds, while that is written into. */
const copyWork = z.strictObject({ program: z.literal('copy'), ...ofCopy });

const jsonObject = z.custom<JsonObject>(isJsonObject);
const members = z.array(z.object({ index: z.string().min(1), properties: jsonObject })).transform(
  // As `Aliases.members` reads them: what an alias has on an index is the engine's to check.
  (read): readonly AliasMember[] => read,
);

/** Takes the aliases over from the live version: block, last pass, sweep, switch. */
const cutOverWork = z.strictObject({
  program: z.literal('cut-over'),
  ...ofCopy,
  /** How long writers may be refused at most, in one attempt. */
  blockMs: z.number().int().positive(),
  attempts: z.number().int().min(1),
  /** Every alias of the live members: what it must serve before, and serves afterwards. */
  moves: z.array(z.object({ alias: z.string().min(1), expected: members, next: members })),
  /** What the candidate is given inside the block, for its life as the live one. */
  serving: z.strictObject({
    settings: jsonObject,
    /** `mappings.dynamic` of its root. */
    dynamic: z.enum(['true', 'false', 'strict', 'runtime', 'strict_allow_templates', 'false_allow_templates']),
  }),
});

/** What a worker is given to do: one program, and a shape of its own for each. */
export const work = z.discriminatedUnion('program', [indexWork, copyWork, cutOverWork]);
export type Work = z.infer<typeof work>;
export type IndexWork = z.infer<typeof indexWork>;
export type CopyWork = z.infer<typeof copyWork>;
export type CutOverWork = z.infer<typeof cutOverWork>;

/** A source as it is declared, as a worker is told of it. */
export function sourceOf({ url, ref = '', include = [], exclude = [], maxFileBytes }: Declared): IndexWork['source'] {
  return { url, ref, include: [...include], exclude: [...exclude], maxFileBytes };
}

type Declared = {
  readonly url: string;
  readonly ref?: string | undefined;
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly maxFileBytes: number;
};

/** What a worker is told of its assignment, whatever its work is. */
export const assigned = z.strictObject({
  /** Uid of the object in whose name it works. */
  run: z.string().min(1),
  /** A heavy run builds beside the live version, a light one follows it. */
  kind: z.enum(['Heavy', 'Light']),
  /** The step that gave it. */
  step: z.string().min(1),
  /** How often the step gave work in this run before. */
  attempt: z.number().int().min(0),
  /** The fence: the token of every writer is larger. */
  token: z.number().int().min(0),
  deadlineSeconds: z.number().int().positive(),
  work,
});

/** One piece of work that a step of a run has done elsewhere. */
export type Assignment = AssignmentOf<Work>;

export type AssignmentOf<Of extends Work> = Omit<z.infer<typeof assigned>, 'work'> & {
  readonly work: Of;
  /** Its name where it is done: that of its Job. */
  readonly id: string;
  /** The program that does it. */
  readonly image: string;
};
