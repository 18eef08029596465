import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { TestRepository } from './a-repository.ts';

/** An entry of a tree object as it is to be written, whatever Git itself would think of it. */
export type RawEntry = { readonly mode: '100644' | '40000'; readonly name: string; readonly oid: string };

/** Objects that no command of Git makes. */
export function rawObjects(repository: TestRepository) {
  const git = (input: string | Buffer, ...args: readonly string[]): string =>
    execFileSync('git', ['-C', repository.path, ...args], { input, encoding: 'utf8' }).trim();
  let commits = 0;
  const author = ['-c', 'user.name=T', '-c', 'user.email=t@example.org'];
  return {
    blob: (text: string) => git(text, 'hash-object', '-w', '--stdin'),
    tree: (entries: readonly RawEntry[]) =>
      git(treeBytes(entries), 'hash-object', '-t', 'tree', '-w', '--literally', '--stdin'),
    commit: (tree: string, parent?: string) => {
      const commit = git(
        '',
        ...author,
        'commit-tree',
        '-m',
        `raw ${(commits += 1)}`,
        ...(parent === undefined ? [] : ['-p', parent]),
        tree,
      );
      git('', 'update-ref', 'refs/heads/main', commit);
      return commit;
    },
    /** A tree that holds a tree, that holds a tree, and so on; in one pack, for a process for each would take minutes. */
    deepTree: (levels: number, blob: string) => {
      const trees: Buffer[] = [];
      let entry: RawEntry = { mode: '100644', name: 'a.txt', oid: blob };
      for (let level = 0; level < levels; level += 1) {
        const bytes = treeBytes([entry]);
        trees.push(bytes);
        entry = { mode: '40000', name: 'd', oid: sha1(Buffer.concat([Buffer.from(`tree ${bytes.length}\0`), bytes])) };
      }
      git(packOf(trees), 'index-pack', '--stdin');
      return entry.oid;
    },
  };
}

function treeBytes(entries: readonly RawEntry[]): Buffer {
  return Buffer.concat(
    entries.map(({ mode, name, oid }) => Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')])),
  );
}

function sha1(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex');
}

const treeType = 2;

/** What zlib makes of bytes without compressing them: a call of it for each object would take seconds. */
function stored(bytes: Buffer): Buffer {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  const head = Buffer.from([0x78, 0x01, 0x01, 0, 0, 0, 0]);
  head.writeUInt16LE(bytes.length, 3);
  head.writeUInt16LE(bytes.length ^ 0xffff, 5);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(b * 65_536 + a);
  return Buffer.concat([head, bytes, sum]);
}

/** A pack of trees that are shorter than 2 KiB each. */
function packOf(trees: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(12);
  head.write('PACK');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(trees.length, 8);
  const objects = trees.flatMap(bytes => [
    Buffer.from([0x80 | (treeType << 4) | (bytes.length & 0xf), bytes.length >> 4]),
    stored(bytes),
  ]);
  const pack = Buffer.concat([head, ...objects]);
  return Buffer.concat([pack, Buffer.from(sha1(pack), 'hex')]);
}
