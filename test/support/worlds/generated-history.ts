import { below, pick, seededRandom, type Random } from '../../../bench/harness/random.ts';
import type { Changes } from '../real/a-repository.ts';
import { fileKinds, linesOf, type Expected, type FileKind } from '../objects/file-kinds.ts';
import { TreeModel } from './tree-model.ts';

/** A commit of a generated history: what it changes, and what the whole tree should then become in an index. */
export type GeneratedCommit = {
  readonly operations: readonly Operation[];
  readonly changes: Changes;
  /** Everything that the tree holds afterwards, for a commit without a parent. */
  readonly whole: Changes;
  /** Whether the commit has a parent, and whether the server still has the one before. */
  readonly history: 'goes on' | 'is rewritten' | 'is rewritten and collected';
  readonly expected: ReadonlyMap<string, Expected>;
};

export type GeneratedHistory = {
  readonly seed: number;
  readonly commits: readonly GeneratedCommit[];
  /** How often each operation was used. */
  readonly counts: ReadonlyMap<Operation, number>;
};

type World = { readonly tree: TreeModel; readonly random: Random; readonly mark: () => string };

/** Changes the tree; false where it holds nothing that could be changed so. */
type Change = (world: World) => boolean;

const operations = {
  'change of text': ({ tree, random, mark }) => tree.replaceText(random, linesOf(mark(), 1 + below(random, 200))),
  deletion: ({ tree, random }) => tree.remove(random),
  rename: ({ tree, random, mark }) => tree.move(random, path => `${folderOf(path)}moved-${mark()}.ts`),
  'move to another folder': ({ tree, random, mark }) => tree.move(random, () => `elsewhere/${mark()}/file.md`),
  'rename of a folder': ({ tree, random, mark }) => tree.moveFolder(random, `package-${mark()}`),
  'case swap': ({ tree, random }) => tree.move(random, swappedCase),
  'change of mode': ({ tree, random }) => tree.swapMode(random),
  'file becomes link': ({ tree, random }) => tree.becomeLink(random),
  'link becomes submodule': ({ tree, random, mark }) => tree.becomeSubmodule(random, mark()),
  'submodule becomes file': ({ tree, random, mark }) => tree.becomeFile(random, linesOf(mark())),
  'file becomes folder': ({ tree, random }) => tree.becomeFolder(random),
  'folder becomes file': ({ tree, random, mark }) => tree.folderBecomesFile(random, linesOf(mark())),
  'change of attributes': ({ tree }) => tree.swapAttributes(),
  'change of the ignore file': ({ tree }) => tree.swapIgnoreFile(),
  'rewritten history': () => true,
  'rewritten history, the old one collected': () => true,
} as const satisfies Readonly<Record<string, Change>>;

export type Operation = keyof typeof operations | FileKind;

const kinds = Object.keys(fileKinds) as FileKind[]; // the keys of a constant object are its type's
export const allOperations: readonly Operation[] = [
  ...(Object.keys(operations) as (keyof typeof operations)[]),
  ...kinds,
];

/** What makes an operation possible where the tree holds nothing for it; absent = a plain text. */
const enablers: Readonly<Partial<Record<Operation, Operation>>> = {
  'link becomes submodule': 'file becomes link',
  'submodule becomes file': 'link becomes submodule',
  'folder becomes file': 'file becomes folder',
};

const mostPerCommit = 6;

/** How long a history is, and how often each operation is used in it at least. */
export type Length = { readonly leastCommits: number; readonly leastOfEach: number };

/** The same history for the same seed; the first commit holds some of everything. */
export function generatedHistory(seed: number, { leastCommits, leastOfEach }: Length): GeneratedHistory {
  const random = seededRandom(seed);
  let marks = 0;
  const world: World = { tree: new TreeModel(), random, mark: () => `s${seed}-${(marks += 1)}` };
  const counts = new Map<Operation, number>();
  const commits = [firstCommit(world)];
  const owed = shuffled(
    random,
    allOperations.flatMap(each => Array.from({ length: leastOfEach }, () => each)),
  );
  while (owed.length > 0 || commits.length < leastCommits) {
    const wanted = 1 + below(random, mostPerCommit);
    const chosen = owed.length > 0 ? owed.splice(0, wanted) : [pick(random, allOperations)];
    const { commit, impossible } = nextCommit(world, chosen);
    for (const each of commit.operations) counts.set(each, (counts.get(each) ?? 0) + 1);
    // Alone with each other, the impossible ones would stay so for ever.
    owed.push(...impossible.flatMap(each => [enablers[each] ?? 'plain text', each]));
    if (commit.operations.length > 0) commits.push(commit);
  }
  return { seed, commits, counts };
}

function firstCommit({ tree, mark }: World): GeneratedCommit {
  for (let i = 0; i < 3; i += 1) tree.addPackage(`package-${mark()}`, mark());
  for (let i = 0; i < 12; i += 1) tree.put(fileKinds['plain text'](mark()), 'plain');
  for (const kind of kinds) tree.put(fileKinds[kind](mark()), kindOf(kind));
  const { changes, whole, expected } = tree.commit();
  return { operations: [], changes, whole, expected, history: 'is rewritten' };
}

function nextCommit(world: World, chosen: readonly Operation[]) {
  const done: Operation[] = [];
  const impossible: Operation[] = [];
  for (const operation of chosen) (apply(world, operation) ? done : impossible).push(operation);
  const { changes, whole, expected } = world.tree.commit();
  const commit: GeneratedCommit = { operations: done, changes, whole, expected, history: historyOf(done) };
  return { commit, impossible };
}

function apply(world: World, operation: Operation): boolean {
  if (operation in operations) return operations[operation as keyof typeof operations](world); // just asked
  const kind = operation as FileKind; // there are no others
  world.tree.put(fileKinds[kind](world.mark()), kindOf(kind));
  return true;
}

function historyOf(done: readonly Operation[]): GeneratedCommit['history'] {
  if (done.includes('rewritten history, the old one collected')) return 'is rewritten and collected';
  return done.includes('rewritten history') ? 'is rewritten' : 'goes on';
}

/** What becomes of these follows from their paths: they are not moved about. */
const boundToPath: ReadonlySet<FileKind> = new Set(['generated', 'vendored', 'a lock file', 'a secret-like name']);

function kindOf(kind: FileKind): 'plain' | 'fixed' | 'special' {
  if (kind === 'plain text') return 'plain';
  return boundToPath.has(kind) ? 'fixed' : 'special';
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function swappedCase(path: string): string {
  const name = path.slice(folderOf(path).length);
  const upper = name.toUpperCase();
  return `${folderOf(path)}${name === upper ? name.toLowerCase() : upper}`;
}

function shuffled<T>(random: Random, values: readonly T[]): T[] {
  const left = [...values];
  const taken: T[] = [];
  while (left.length > 0) {
    const next = pick(random, left);
    left.splice(left.indexOf(next), 1);
    taken.push(next);
  }
  return taken;
}
