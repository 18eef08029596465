import type { TreeEntry } from '../../../git/objects.ts';
import { changeOf, removalOf, type Change, type ManifestExpectation, type Wanted } from '../tree/change.ts';
import type { ManifestEntry } from '../tree/manifest.ts';
import { isInPartition, type Partition } from '../tree/partition.ts';
import { filePathOf, isEncodedPath } from '../tree/paths.ts';
import type { FileAttributes, Selector } from '../tree/selection.ts';

/** An entry with what `.gitattributes` say about it. */
export type Attributed<Entry extends TreeEntry> = Entry & { readonly attributes?: FileAttributes };
export type AttributedEntry = Attributed<TreeEntry>;

/** What a comparison finds, path by path. */
export type Difference =
  | { readonly is: 'same'; readonly found: ManifestEntry }
  | { readonly is: 'change'; readonly change: Change }
  /** A selected file of another partition: not looked at. */
  | { readonly is: 'elsewhere' };

/** Which entries of a tree are compared: those selected, of a partition only its own. */
export type Choice = { readonly select: Selector; readonly partition?: Partition | undefined };

/**
 * Compares a tree with the manifest of a version, both sorted by path in byte order and both read once: memory does not
 * grow with either. Encoded paths sort elsewhere in the manifest than in the tree, so those few are held and compared
 * at the end.
 */
export async function* compareTree(
  tree: AsyncIterable<readonly AttributedEntry[]>,
  manifest: AsyncIterable<readonly ManifestEntry[]>,
  { select, partition }: Choice,
  expectation: ManifestExpectation,
): AsyncGenerator<readonly Difference[]> {
  const odd = new OddPaths();
  const files = new Cursor(manifest, odd);
  for await (const entries of tree) {
    const batch: Difference[] = [];
    for (const entry of entries) {
      const wanted = wantedOf(entry, select);
      if (wanted === undefined) continue;
      if (partition !== undefined && !isInPartition(wanted.filePath, partition)) {
        batch.push({ is: 'elsewhere' });
        continue;
      }
      if (isEncodedPath(wanted.filePath)) {
        odd.wanted.push(wanted);
        continue;
      }
      const key = entry.path;
      let found = await files.current();
      while (found !== undefined && Buffer.compare(found.key, key) < 0) {
        batch.push({ is: 'change', change: removalOf(found.entry) });
        found = await files.next();
      }
      const same = found !== undefined && found.key.equals(key) ? found.entry : undefined;
      if (same !== undefined) files.skip();
      batch.push(differenceOf(wanted, same, expectation));
    }
    yield batch;
  }
  for (let found = await files.current(); found !== undefined; found = await files.next()) {
    yield [{ is: 'change', change: removalOf(found.entry) }];
  }
  yield odd.differences(expectation);
}

function wantedOf(entry: AttributedEntry, select: Selector): Wanted | undefined {
  const filePath = filePathOf(entry.path);
  const judged = select(filePath, entry.mode, entry.attributes);
  return judged === 'excluded' ? undefined : { filePath, mode: entry.mode, oid: entry.oid, judged };
}

function differenceOf(wanted: Wanted, found: ManifestEntry | undefined, expectation: ManifestExpectation): Difference {
  const change = changeOf(wanted, found, expectation);
  // No change means that there is a document, and that it is right.
  return change === undefined ? { is: 'same', found: found as ManifestEntry } : { is: 'change', change };
}

/** Paths that are written in another form than Git has them. */
class OddPaths {
  readonly wanted: Wanted[] = [];
  readonly found = new Map<string, ManifestEntry>();

  differences(expectation: ManifestExpectation): readonly Difference[] {
    const kept = this.wanted.map(wanted => {
      const found = this.found.get(wanted.filePath);
      this.found.delete(wanted.filePath);
      return differenceOf(wanted, found, expectation);
    });
    const gone = [...this.found.values()].map((found): Difference => ({ is: 'change', change: removalOf(found) }));
    return [...kept, ...gone];
  }
}

type Keyed = { readonly key: Buffer; readonly entry: ManifestEntry };

/** Walks the manifest one entry at a time, a page ahead at most. */
class Cursor {
  readonly #pages: AsyncIterator<readonly ManifestEntry[]>;
  readonly #odd: OddPaths;
  #page: readonly ManifestEntry[] = [];
  #at = 0;
  #ended = false;

  constructor(manifest: AsyncIterable<readonly ManifestEntry[]>, odd: OddPaths) {
    this.#pages = manifest[Symbol.asyncIterator]();
    this.#odd = odd;
  }

  async current(): Promise<Keyed | undefined> {
    for (;;) {
      const entry = this.#page[this.#at];
      if (entry === undefined) {
        if (this.#ended || !(await this.#nextPage())) return undefined;
      } else if (isEncodedPath(entry.filePath)) {
        this.#odd.found.set(entry.filePath, entry);
        this.#at += 1;
      } else {
        return { key: Buffer.from(entry.filePath), entry };
      }
    }
  }

  async next(): Promise<Keyed | undefined> {
    this.skip();
    return this.current();
  }

  skip(): void {
    this.#at += 1;
  }

  async #nextPage(): Promise<boolean> {
    const next = await this.#pages.next();
    this.#ended = next.done === true;
    this.#page = next.done === true ? [] : next.value;
    this.#at = 0;
    return !this.#ended;
  }
}
