import { pick, type Random } from '../../../bench/harness/random.ts';
import type { Changes, FileChange } from '../real/a-repository.ts';
import { kindsAttributes, linesOf, type Expected, type FileOfKind } from '../objects/file-kinds.ts';

/** `plain` = a text that may become anything, `special` = may only be moved or deleted, `fixed` = stays where it is. */
type Sort = 'plain' | 'special' | 'fixed';
type Held = { readonly change: NonNullable<FileChange>; readonly expected: Expected; readonly sort: Sort };

const attributesPath = '.gitattributes';
const ignorePath = '.indexerignore';
const moreAttributes = 'package-*/** linguist-generated\n';
const ignoreText = 'dos/\n*.sh\n';

/** A tree that is changed step by step, and knows what an index should say of each file: no code of ours is asked. */
export class TreeModel {
  #files = new Map<string, Held>();
  #before = new Map<string, Held>();
  #hasMoreAttributes = false;
  #hasIgnoreFile = false;

  constructor() {
    this.#setText(attributesPath, kindsAttributes, 'fixed');
  }

  put({ path, change, expected }: FileOfKind, sort: Sort): void {
    if (change !== null) this.#files.set(path, { change, expected, sort });
  }

  addPackage(name: string, mark: string): void {
    for (const path of ['a.ts', 'b/c.ts', 'b/d/e.ts'])
      this.#setText(`${name}/${path}`, linesOf(`${mark}-${path}`), 'plain');
  }

  replaceText(random: Random, text: string): boolean {
    return this.#with(random, isPlain, path => this.#setText(path, text, 'plain'));
  }

  remove(random: Random): boolean {
    return this.#with(
      random,
      ([, { sort }]) => sort !== 'fixed',
      path => this.#files.delete(path),
    );
  }

  move(random: Random, to: (path: string) => string): boolean {
    const isMovable = ([path, { sort }]: [string, Held]) =>
      sort !== 'fixed' && path.startsWith('src/') && !this.#files.has(to(path));
    return this.#with(random, isMovable, (path, held) => {
      this.#files.delete(path);
      this.#files.set(to(path), held);
    });
  }

  moveFolder(random: Random, to: string): boolean {
    const isInPackage = ([path]: [string, Held]) => path.startsWith('package-');
    return this.#with(random, isInPackage, inside => {
      const folder = inside.slice(0, inside.indexOf('/'));
      for (const [path, held] of [...this.#files].filter(([each]) => each.startsWith(`${folder}/`))) {
        this.#files.delete(path);
        this.#files.set(`${to}${path.slice(folder.length)}`, held);
      }
    });
  }

  swapMode(random: Random): boolean {
    return this.#with(random, isPlain, (path, held) => {
      const { change } = held;
      const text = textOf(change);
      this.#files.set(path, { ...held, change: typeof change === 'string' ? { executable: text } : text });
    });
  }

  becomeLink(random: Random): boolean {
    const expected = { is: 'skipped', reason: 'symlink' } as const;
    return this.#with(random, isPlain, path =>
      this.#files.set(path, { change: { link: '/etc/hostname' }, expected, sort: 'special' }),
    );
  }

  becomeSubmodule(random: Random, mark: string): boolean {
    const submodule = Buffer.from(mark).toString('hex').padEnd(40, '0').slice(0, 40);
    const expected = { is: 'skipped', reason: 'submodule' } as const;
    return this.#with(
      random,
      ([, { change }]) => has(change, 'link'),
      path => this.#files.set(path, { change: { submodule }, expected, sort: 'special' }),
    );
  }

  becomeFile(random: Random, text: string): boolean {
    return this.#with(
      random,
      ([, { change }]) => has(change, 'submodule'),
      path => this.#setText(path, text, 'plain'),
    );
  }

  becomeFolder(random: Random): boolean {
    return this.#with(random, isPlain, (path, held) => {
      this.#files.delete(path);
      this.#files.set(`${path}/inside.ts`, held);
    });
  }

  folderBecomesFile(random: Random, text: string): boolean {
    const isAlone = ([path]: [string, Held]) => path.endsWith('/inside.ts');
    return this.#with(random, isAlone, inside => {
      const folder = inside.slice(0, -'/inside.ts'.length);
      for (const path of [...this.#files.keys()]) if (path.startsWith(`${folder}/`)) this.#files.delete(path);
      this.#setText(folder, text, 'plain');
    });
  }

  swapAttributes(): boolean {
    this.#hasMoreAttributes = !this.#hasMoreAttributes;
    this.#setText(attributesPath, kindsAttributes + (this.#hasMoreAttributes ? moreAttributes : ''), 'fixed');
    return true;
  }

  swapIgnoreFile(): boolean {
    this.#hasIgnoreFile = !this.#hasIgnoreFile;
    if (this.#hasIgnoreFile) this.#setText(ignorePath, ignoreText, 'fixed');
    else this.#files.delete(ignorePath);
    return true;
  }

  /** What changed since the last time, the whole tree, and what an index should say of it. */
  commit(): { readonly changes: Changes; readonly whole: Changes; readonly expected: ReadonlyMap<string, Expected> } {
    const gone = [...this.#before.keys()].filter(path => !this.#files.has(path)).map(path => [path, null] as const);
    const fresh = [...this.#files].filter(([path, held]) => this.#before.get(path)?.change !== held.change);
    this.#before = new Map(this.#files);
    return {
      // Deletions first: of a file in whose place there is a folder now, they would take the folder.
      changes: Object.fromEntries([...gone, ...changesOf(fresh)]),
      whole: Object.fromEntries(changesOf(this.#files)),
      expected: new Map([...this.#files].map(([path, held]) => [path, this.#expectedOf(path, held)])),
    };
  }

  #expectedOf(path: string, { change, expected }: Held): Expected {
    if (this.#hasIgnoreFile && (path.startsWith('dos/') || path.endsWith('.sh'))) return { is: 'left out' };
    const isFile = !has(change, 'link') && !has(change, 'submodule');
    if (this.#hasMoreAttributes && path.startsWith('package-') && isFile) return { is: 'skipped', reason: 'generated' };
    return expected;
  }

  #setText(path: string, text: string, sort: Sort): void {
    this.#files.set(path, { change: text, expected: { is: 'indexed', text, encoding: 'utf-8', eol: 'lf' }, sort });
  }

  #with(random: Random, wanted: (file: [string, Held]) => boolean, work: (path: string, held: Held) => void): boolean {
    const found = [...this.#files].filter(wanted);
    if (found.length === 0) return false;
    const [path, held] = pick(random, found);
    work(path, held);
    return true;
  }
}

function isPlain([, { sort }]: [string, Held]): boolean {
  return sort === 'plain';
}

function has(change: FileChange, key: string): boolean {
  return typeof change === 'object' && change !== null && key in change;
}

function textOf(change: NonNullable<FileChange>): string {
  if (typeof change === 'string') return change;
  if (Buffer.isBuffer(change) || !('executable' in change)) throw new Error('a plain file holds text');
  return change.executable;
}

function changesOf(files: Iterable<readonly [string, Held]>): (readonly [string, FileChange])[] {
  return [...files].map(([path, { change }]) => [path, change] as const);
}
