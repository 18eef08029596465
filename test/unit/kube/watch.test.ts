import { describe, expect, it } from '@jest/globals';
import { RetryableError } from '../../../src/domain/errors.ts';
import type { Answer, Call, Stream, Transport } from '../../../src/kube/transport.ts';
import { watchResource } from '../../../src/kube/watch.ts';
import { watchesAreAlive } from '../../../src/runtime/health.ts';
import { handClock } from '../../support/fakes/hand-clock.ts';
import { recordingLog } from '../../support/fakes/recording-log.ts';

const anObject = (name: string, resourceVersion: string, more: object = {}) => ({
  metadata: { namespace: 'shop', name, resourceVersion, ...more },
});
const aPage = (resourceVersion: string, items: readonly object[], token?: string): Answer => ({
  status: 200,
  body: { metadata: { resourceVersion, ...(token === undefined ? {} : { continue: token }) }, items },
});
const event = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;

/** A stream that a test writes by hand. */
const aStream = (probed = false) => {
  const chunks: (string | undefined)[] = [];
  let wake = (): void => undefined;
  const listeners: (() => void)[] = [];
  const put = (chunk: string | undefined): void => {
    chunks.push(chunk);
    wake();
  };
  const bytes = (async function* () {
    for (;;) {
      while (chunks.length === 0) await new Promise<void>(resolve => (wake = resolve));
      const chunk = chunks.shift();
      if (chunk === undefined) return;
      yield Buffer.from(chunk);
    }
  })();
  const stream: Stream = {
    is: 'open',
    bytes,
    onAlive: listener => listeners.push(listener),
    close: () => put(undefined),
  };
  return { stream, put, end: () => put(undefined), probed, alive: () => listeners.forEach(tell => tell()) };
};

type Opened = ReturnType<typeof aStream> | 'gone' | 'refused';

/** Answers lists and watches from what the test lays out; without a watch laid out, a new one stays open. */
const aWatch = (pages: Answer[], watches: Opened[]) => {
  const clock = handClock();
  const { log, lines } = recordingLog();
  const asked: string[] = [];
  const opened: ReturnType<typeof aStream>[] = [];
  const transport: Pick<Transport, 'call' | 'stream'> = {
    call: async ({ path }: Call) => {
      asked.push(path);
      const page = pages.shift();
      if (page === undefined) throw new RetryableError('KubernetesUnavailable', 'no answer');
      return page;
    },
    stream: async (path, signal) => {
      asked.push(path);
      const next = watches.shift() ?? aStream();
      if (next === 'gone') return { is: 'refused', refusal: { status: 410, reason: 'Expired', message: 'too old' } };
      if (next === 'refused') throw new RetryableError('KubernetesUnavailable', 'connection refused');
      opened.push(next);
      signal.addEventListener('abort', next.end);
      return next.stream;
    },
  };
  const changes: string[] = [];
  const watch = watchResource({
    transport,
    resource: { group: '', version: 'v1', plural: 'things', kind: 'Thing' },
    namespace: 'shop',
    project: raw => (raw.metadata.labels?.['skip'] === 'yes' ? undefined : raw.metadata.resourceVersion),
    onChange: key => changes.push(key.name),
    log,
    clock,
    random: () => 0.999999,
  });
  watch.start();
  const versionsAsked = (): (string | null)[] =>
    asked
      .filter(path => path.includes('watch=true'))
      .map(path => new URL(path, 'http://x').searchParams.get('resourceVersion'));
  return { clock, watch, asked, opened, changes, lines, versionsAsked };
};

/** What /healthz says of this watch now. */
const complaints = ({ watch, clock }: Pick<ReturnType<typeof aWatch>, 'watch' | 'clock'>): readonly string[] =>
  watchesAreAlive(
    () => [{ name: 'things', lastActivity: watch.lastActivity }],
    () => clock.now(),
  )();

const has = (watch: { cache: { list(): readonly unknown[] } }): readonly unknown[] => watch.cache.list();

describe('the health of a watch', () => {
  it('fails when every stream opens and stays silent, however often it is opened anew', async () => {
    const silent = aWatch([aPage('1', [])], []);
    await silent.clock.advance(180_000);
    expect(complaints(silent)).toEqual([]);
    await silent.clock.advance(5_000);
    expect(complaints(silent)).toEqual(['watch things has heard nothing for 185 s']);
    expect(silent.opened.length).toBeGreaterThan(1);
  });

  it('fails when nobody answers any more', async () => {
    const cut = aWatch([aPage('1', [])], Array<Opened>(200).fill('refused'));
    await cut.clock.advance(185_000);
    expect(complaints(cut)).toEqual(['watch things has heard nothing for 185 s']);
  });

  it('stays good for as long as bookmarks come in, though nothing happens', async () => {
    const stream = aStream(true);
    const quiet = aWatch([aPage('1', [])], [stream]);
    for (let minute = 0; minute < 10; minute += 1) {
      stream.put(event('BOOKMARK', anObject('', String(minute + 2))));
      for (let second = 0; second < 60; second += 15) {
        stream.alive();
        await quiet.clock.advance(15_000);
      }
      expect(complaints(quiet)).toEqual([]);
    }
  });

  it('recovers by itself once the API server answers again', async () => {
    const back = aStream();
    const healed = aWatch([aPage('1', [])], [...Array<Opened>(35).fill('refused'), back]);
    await healed.clock.advance(185_000);
    expect(complaints(healed)).toHaveLength(1);
    back.put(event('BOOKMARK', anObject('', '9')));
    await healed.clock.advance(5_000);
    expect(complaints(healed)).toEqual([]);
  });
});

describe('watch', () => {
  it('is synced only after the last page, and goes on from that list', async () => {
    const { clock, watch, asked, versionsAsked } = aWatch(
      [aPage('9', [anObject('a', '1')], 'more'), aPage('9', [anObject('b', '2')])],
      [],
    );
    await clock.advance(0);
    expect(watch.cache.synced).toBe(true);
    expect(has(watch)).toEqual(['1', '2']);
    expect(asked[1]).toContain('continue=more');
    expect(versionsAsked()).toEqual(['9']);
  });

  it('reads events however the bytes are cut', async () => {
    const stream = aStream();
    const { clock, watch, changes } = aWatch([aPage('1', [])], [stream]);
    await clock.advance(0);
    const text = event('ADDED', anObject('ä', '2')) + event('MODIFIED', anObject('ä', '3'));
    for (const character of text) stream.put(character);
    await clock.advance(0);
    await clock.advance(0);
    for (let i = 0; i < 50; i += 1) await clock.advance(0);
    expect({ got: has(watch), changes }).toEqual({ got: ['3'], changes: ['ä', 'ä'] });
  });

  it('goes on from the last bookmark when the server ends the watch', async () => {
    const stream = aStream();
    const { clock, asked, versionsAsked } = aWatch([aPage('1', [])], [stream]);
    await clock.advance(30_000);
    stream.put(event('BOOKMARK', anObject('', '77')));
    await clock.advance(10);
    stream.end();
    await clock.advance(10);
    expect(versionsAsked()).toEqual(['1', '77']);
    expect(asked[1]).toMatch(/allowWatchBookmarks=true.*timeoutSeconds=600/);
  });

  it('lists again after 410 and tells of what vanished and what changed, not of what stayed', async () => {
    const { clock, watch, changes } = aWatch(
      [
        aPage('1', [anObject('stays', '1'), anObject('goes', '1'), anObject('moves', '1')]),
        aPage('5', [anObject('stays', '1'), anObject('moves', '4')]),
      ],
      ['gone'],
    );
    await clock.advance(1_000);
    expect(has(watch)).toEqual(['1', '4']);
    expect(changes).toEqual(['stays', 'goes', 'moves', 'moves', 'goes']);
  });

  it('lists again after an ERROR event of 410, and after a line that it cannot read', async () => {
    const [expired, broken] = [aStream(), aStream()];
    const { clock, asked } = aWatch([aPage('1', []), aPage('2', []), aPage('3', [])], [expired, broken]);
    await clock.advance(2_000);
    expired.put(event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }));
    await clock.advance(2_000);
    broken.put('{"type":"ADDED","object":{"metada\n');
    await clock.advance(2_000);
    expect(asked.filter(path => path.includes('limit=500'))).toHaveLength(3);
  });

  it('does not ask in a hot loop when every list is followed by 410', async () => {
    const many = Array.from({ length: 500 }, (_, i) => aPage(String(i), []));
    const { clock, asked } = aWatch(
      many,
      Array.from({ length: 500 }, () => 'gone' as const),
    );
    await clock.advance(60_000);
    expect(asked.length).toBeLessThan(50);
  });

  it('does not ask in a hot loop when every watch ends at once', async () => {
    const ended = Array.from({ length: 500 }, () => {
      const stream = aStream();
      stream.end();
      return stream;
    });
    const { clock, asked } = aWatch([aPage('1', [])], ended);
    await clock.advance(60_000);
    expect(asked.length).toBeLessThan(25);
  });

  it('never stops trying, pauses at most 5 s, and logs one warning per outage', async () => {
    const { clock, asked, lines, opened } = aWatch(
      [aPage('1', [])],
      Array.from({ length: 200 }, () => 'refused' as const),
    );
    await clock.advance(600_000);
    expect(asked.length).toBeGreaterThan(600 / 5);
    const before = asked.length;
    await clock.advance(5_001);
    expect(asked.length).toBeGreaterThan(before);
    expect(lines.filter(line => line.level === 'warn')).toHaveLength(1);
    await clock.advance(1_600_000);
    expect(opened.length).toBeGreaterThan(0);
  });

  it('opens a new watch after 45 s without a byte or an answered probe, from where it was', async () => {
    const { clock, versionsAsked, lines } = aWatch([aPage('1', [])], []);
    await clock.advance(44_000);
    expect(versionsAsked()).toEqual(['1']);
    await clock.advance(3_000);
    expect(versionsAsked()).toEqual(['1', '1']);
    expect(lines).toContainEqual(expect.objectContaining({ message: 'Error: no sign of life for 45 s' }));
  });

  it('leaves a quiet watch alone while probes are answered, but not for longer than two bookmarks', async () => {
    const stream = aStream(true);
    const { clock, versionsAsked } = aWatch([aPage('1', [])], [stream]);
    for (let second = 0; second < 120; second += 15) {
      stream.alive();
      await clock.advance(15_000);
    }
    expect(versionsAsked()).toEqual(['1']);
    stream.alive();
    await clock.advance(15_000);
    expect(versionsAsked()).toEqual(['1', '1']);
  });

  it('drops an object that is projected to nothing, and tells so once', async () => {
    const stream = aStream();
    const { clock, watch, changes } = aWatch([aPage('1', [anObject('a', '1')])], [stream]);
    await clock.advance(0);
    stream.put(event('MODIFIED', anObject('a', '2', { labels: { skip: 'yes' } })));
    stream.put(event('MODIFIED', anObject('a', '3', { labels: { skip: 'yes' } })));
    await clock.advance(0);
    expect({ got: has(watch), changes }).toEqual({ got: [], changes: ['a', 'a'] });
  });

  it('ends when it is stopped, also while it waits for the server to return', async () => {
    const { clock, watch, asked } = aWatch([], []);
    await clock.advance(30_000);
    await watch.stop();
    const before = asked.length;
    await clock.advance(60_000);
    expect({ asked: asked.length, sleepers: clock.sleepers }).toEqual({ asked: before, sleepers: 0 });
  });
});
