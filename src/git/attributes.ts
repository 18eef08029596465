import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { ObjectStore, TreeEntry } from './objects.ts';
import { drained, readOutput, runGit, startGit } from './process.ts';
import { nulRecords } from './records.ts';

/** Entries of a tree, or of a difference of trees, with the attributes that are set on each. */
export type WithAttributes<Entry, Name extends string> = { readonly entry: Entry; readonly set: ReadonlySet<Name> };

/**
 * Says for each entry which of these attributes are set by the given `.gitattributes` files. Git itself reads them, from
 * an index of its own that holds those files and nothing else: nothing is checked out, and neither the user's
 * attributes nor those of the machine count. Entries come out as they went in.
 */
export async function* withAttributes<Entry extends TreeEntry, Name extends string>(
  store: ObjectStore,
  attributeFiles: readonly TreeEntry[],
  names: readonly Name[],
  entries: AsyncIterable<readonly Entry[]>,
): AsyncGenerator<readonly WithAttributes<Entry, Name>[]> {
  const folder = await mkdtemp(join(store.gitDir, 'attributes-'));
  const environment = { ...store.environment, GIT_INDEX_FILE: join(folder, 'index') };
  const call = { environment, gitDir: store.gitDir, ...(store.signal && { signal: store.signal }) };
  try {
    const input = indexInfo(
      attributeFiles.filter(({ path }) => isOrdinary(path) && !dotGit.test(path.toString('latin1'))),
    );
    await runGit({ ...call, args: ['update-index', '-z', '--index-info'], input });
    const git = startGit({ ...call, args: ['check-attr', '--cached', '--stdin', '-z', ...names] });
    const asked: Entry[] = [];
    const asking = ask(git.stdin, entries, asked);
    asking.catch(() => git.stop());
    yield* readOutput(git, stdout => answers(stdout, names, asked));
    await asking;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** To Git these lead out of the repository, or to another place in it, and it ends at the first one. */
const leadsElsewhere = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** False for a path that only a program that is not Git puts into a tree. It is indexed, and no attribute is said of it. */
function isOrdinary(path: Buffer): boolean {
  // Most paths hold neither: nothing is made of them.
  if (!path.includes('./') && !path.includes('//') && path[0] !== 0x2f && path.at(-1) !== 0x2e) return true;
  return !leadsElsewhere.test(path.toString('latin1'));
}

/** Git has no such folder in its index; elsewhere it is a folder like others. */
const dotGit = /(?:^|\/)\.git(?:\/|$)/i;
/** Asked about in place of a path that is not ordinary, so that there is one answer for each. */
const placeholder = Buffer.from('x');

function indexInfo(files: readonly TreeEntry[]): Buffer {
  const records = files.map(({ mode, oid, path }) => Buffer.concat([Buffer.from(`${mode} ${oid}\t`), path, nul]));
  return Buffer.concat(records);
}

const nul = Buffer.alloc(1);
/** Path, name of the attribute, value. */
const fieldsPerAnswer = 3;

async function* answers<Entry extends TreeEntry, Name extends string>(
  stdout: Readable,
  names: readonly Name[],
  asked: Entry[],
): AsyncGenerator<readonly WithAttributes<Entry, Name>[]> {
  const perEntry = names.length * fieldsPerAnswer;
  let fields: readonly Buffer[] = [];
  for await (const records of nulRecords(stdout)) {
    const values = [...fields, ...records];
    const whole = Math.floor(values.length / perEntry);
    yield asked.splice(0, whole).map((entry, i) => ({
      entry,
      set: isOrdinary(entry.path) ? setOnes(names, values, i * perEntry) : new Set<Name>(),
    }));
    fields = values.slice(whole * perEntry);
  }
}

function setOnes<Name extends string>(
  names: readonly Name[],
  fields: readonly Buffer[],
  at: number,
): ReadonlySet<Name> {
  return new Set(names.filter((_, i) => isSet(fields[at + i * fieldsPerAnswer + 2]?.toString('latin1'))));
}

function isSet(value: string | undefined): boolean {
  return value === 'set' || value === 'true';
}

async function ask<Entry extends TreeEntry>(
  stdin: Writable,
  entries: AsyncIterable<readonly Entry[]>,
  asked: Entry[],
): Promise<void> {
  for await (const batch of entries) {
    asked.push(...batch);
    const paths = Buffer.concat(batch.flatMap(({ path }) => [isOrdinary(path) ? path : placeholder, nul]));
    if (paths.length > 0 && !stdin.write(paths)) await drained(stdin);
  }
  stdin.end();
}
