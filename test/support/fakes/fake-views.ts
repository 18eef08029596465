import { ConflictError, RetryableError } from '../../../src/domain/errors.ts';
import type { PageQuestion, ShardStand, View, ViewPage } from '../../../src/engine/view-port.ts';
import type { FakeFound, FakeIndex } from './fake-index.ts';

const mark = 'the-mark-of-a-page';

/** Views of a fake engine. Each shard has one copy that counts; what was written is durable at once. */
export function fakeViews(indexNamed: (name: string) => FakeIndex) {
  const open = new Map<string, readonly FakeFound[]>();
  let opened = 0;
  return {
    primaryTerms: (name: string): ReadonlyMap<number, number> =>
      new Map(
        indexNamed(name)
          .primaryTerms()
          .map((term, shard) => [shard, term]),
      ),
    stands: (name: string): readonly ShardStand[] => {
      const index = indexNamed(name);
      return index.primaryTerms().map((_, shard) => {
        const highest = index.highestOf(shard);
        const stand = { maxSeqNo: highest, localCheckpoint: highest, globalCheckpoint: highest };
        return { shard, copies: [{ primary: true, active: true, ...stand }] };
      });
    },
    flush: (name: string): void => void indexNamed(name),
    open: (name: string, shard: number): View => {
      const index = indexNamed(name);
      if (index.primaryTerms()[shard] === undefined) throw new ConflictError(`${name} has no shard ${shard}`);
      const id = `view-${(opened += 1)}`;
      const found = index.visible().filter(({ document }) => document.shard === shard);
      open.set(
        id,
        found.toSorted((one, other) => one.document.seqNo - other.document.seqNo),
      );
      return { id };
    },
    close: ({ id }: View): void => void open.delete(id),
    page: (view: View, { above, size, after = [], sources }: PageQuestion): ViewPage => {
      const found = open.get(view.id);
      if (found === undefined) throw new RetryableError('ShardUnavailable', 'the view is gone');
      const from = Math.max(above, Number(after[0] ?? -1));
      const hits = found.filter(({ document }) => document.seqNo > from).slice(0, size);
      return { view, hits: Buffer.from(hits.map(hit => hitText(hit, sources)).join(',')), mark };
    },
    shardsOf: (name: string, routing: string): readonly number[] | undefined =>
      routing.includes(',') ? undefined : [indexNamed(name).shardOf(routing)],
  };
}

function hitText({ id, document, source }: FakeFound, withSource: boolean): string {
  const { version, seqNo, primaryTerm, routing } = document;
  const fields = [
    `"_index":"fake","_id":${JSON.stringify(id)},"_version":${version}`,
    `"_seq_no":${seqNo},"_primary_term":${primaryTerm},"_score":null`,
    ...(routing === undefined ? [] : [`"_routing":${JSON.stringify(routing)}`]),
    ...(withSource ? [`"_source":${JSON.stringify(source)}`] : []),
    `"sort":[${seqNo},${seqNo}],"matched_queries":["${mark}"]`,
  ];
  return `{${fields.join(',')}}`;
}
