import { run } from '../../test/bed/command.ts';

export type CommitOnDisk = { readonly path: string; readonly commit: string };

export type FileOnDisk = { readonly oid: string; readonly sizeBytes: number; readonly path: string };

/** The files of a commit in the order of their paths, as a full run reads them. */
export async function treeOnDisk({ path, commit }: CommitOnDisk): Promise<readonly FileOnDisk[]> {
  const listed = await run(['git', '-C', path, 'ls-tree', '-r', '-l', '-z', '--full-tree', commit]);
  return listed.split('\0').flatMap(line => {
    const [, oid = '', size = '', name] = /^\d+ blob (\S+) +(\d+)\t(.*)$/s.exec(line) ?? [];
    return name === undefined ? [] : [{ oid, sizeBytes: Number(size), path: name }];
  });
}
