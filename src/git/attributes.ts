import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { ObjectStore, TreeEntry } from './objects.ts';
import { readOutput, runGit, startGit } from './process.ts';
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
    await runGit({ ...call, args: ['update-index', '-z', '--index-info'], input: indexInfo(attributeFiles) });
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

function indexInfo(files: readonly TreeEntry[]): Buffer {
  const records = files.map(({ mode, oid, path }) => Buffer.concat([Buffer.from(`${mode} ${oid}\t`), path, nul]));
  return Buffer.concat(records);
}

const nul = Buffer.alloc(1);
/** Path, name of the attribute, value. */
const fieldsPerAnswer = 3;

async function* answers<Entry, Name extends string>(
  stdout: Readable,
  names: readonly Name[],
  asked: Entry[],
): AsyncGenerator<readonly WithAttributes<Entry, Name>[]> {
  const perEntry = names.length * fieldsPerAnswer;
  let fields: readonly Buffer[] = [];
  for await (const records of nulRecords(stdout)) {
    const values = [...fields, ...records];
    const whole = Math.floor(values.length / perEntry);
    yield asked.splice(0, whole).map((entry, i) => ({ entry, set: setOnes(names, values, i * perEntry) }));
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
    const paths = Buffer.concat(batch.flatMap(entry => [entry.path, nul]));
    if (paths.length > 0 && !stdin.write(paths)) await Promise.race([once(stdin, 'drain'), once(stdin, 'close')]);
  }
  stdin.end();
}
