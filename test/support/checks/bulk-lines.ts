import type { Exchange } from '../real/http-fault-proxy.ts';

/** One operation of a bulk request, as its lines. */
export type BulkLines = { readonly op: 'index' | 'delete'; readonly id: string; readonly lines: readonly string[] };

/** Whether a request writes documents into a version: through its write alias, `{index}.W{epoch}`. */
export function isVersionBulk({ path }: Pick<Exchange, 'path'>): boolean {
  return /\.W\d+\/_bulk$/.test(path);
}

/** The operations of a bulk request in their order. */
export function operationsOf(body: Buffer): readonly BulkLines[] {
  const lines = body.toString('utf8').split('\n');
  const operations: BulkLines[] = [];
  for (let at = 0; at < lines.length - 1; at += 1) {
    const line = lines[at] ?? '';
    const action = JSON.parse(line) as { index?: { _id: string }; delete?: { _id: string } };
    if (action.index === undefined) {
      operations.push({ op: 'delete', id: action.delete?._id ?? '', lines: [line] });
      continue;
    }
    at += 1;
    operations.push({ op: 'index', id: action.index._id, lines: [line, lines[at] ?? ''] });
  }
  return operations;
}

/** The bytes of a bulk request of these operations. */
export function bulkOf(operations: readonly BulkLines[]): Buffer {
  return Buffer.from(operations.map(({ lines }) => `${lines.join('\n')}\n`).join(''));
}
