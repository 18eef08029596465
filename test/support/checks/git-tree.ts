import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export type TreeFile = {
  readonly path: string;
  readonly mode: string;
  readonly oid: string;
  /** Normalised: UTF-8, line ends as LF. */ readonly text: string;
};

const git = promisify(execFile);
const options = { encoding: 'buffer', maxBuffer: 512 * 1024 * 1024 } as const;

/** What a commit holds, in the order of its paths; read by plain git commands, with nothing of ours in between. */
export async function treeOfCommit(repository: string, commit: string): Promise<readonly TreeFile[]> {
  const listed = await git('git', ['-C', repository, 'ls-tree', '-r', '-z', commit], options);
  const entries = listed.stdout
    .toString('utf8')
    .split('\0')
    .filter(line => line !== '')
    .map(line => {
      const [meta = '', path = ''] = line.split('\t');
      const [mode = '', , oid = ''] = meta.split(' ');
      return { path, mode, oid };
    });
  const texts = await textsOf(repository, new Set(entries.map(entry => entry.oid)));
  return entries.map(entry => ({ ...entry, text: texts.get(entry.oid) ?? '' }));
}

/** All blobs out of one `git cat-file`: a process per file would take minutes. */
async function textsOf(repository: string, oids: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const reading = git('git', ['-C', repository, 'cat-file', '--batch'], options);
  reading.child.stdin?.end([...oids].map(oid => `${oid}\n`).join(''));
  const { stdout } = await reading;
  const texts = new Map<string, string>();
  for (let at = 0; at < stdout.length;) {
    const end = stdout.indexOf('\n', at);
    const [oid = '', , size = '0'] = stdout.subarray(at, end).toString('utf8').split(' ');
    const blob = stdout.subarray(end + 1, end + 1 + Number(size));
    texts.set(oid, blob.toString('utf8').replaceAll('\r\n', '\n'));
    at = end + 1 + blob.length + 1;
  }
  return texts;
}
