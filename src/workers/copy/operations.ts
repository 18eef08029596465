import type { Operation } from '../bulk/operation.ts';
import { onOneLine } from './one-line.ts';

type Written = {
  readonly id: string;
  readonly routing: string | undefined;
  /** External: whatever stands there with this version or a higher one stays. */
  readonly version: bigint;
};

const lineEnd = Buffer.from('\n');

/** The source goes out byte by byte as it was read, but for line breaks outside of its texts. */
export function copyOperation(written: Written, source: Buffer): Operation {
  return { id: written.id, bytes: Buffer.concat([actionLine('index', written), onOneLine(source), lineEnd]) };
}

export function copiedDelete(written: Written): Operation {
  return { id: written.id, bytes: actionLine('delete', written) };
}

/** As text: JSON.stringify takes no BigInt, and a number would be rounded. */
function actionLine(op: 'index' | 'delete', { id, routing, version }: Written): Buffer {
  const where = routing === undefined ? '' : `,"routing":${JSON.stringify(routing)}`;
  return Buffer.from(
    `{"${op}":{"_id":${JSON.stringify(id)}${where},"version":${version},"version_type":"external"}}\n`,
  );
}
