import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EngineHands } from '../../src/alias/engine-hands.ts';
import { TerminalError } from '../../src/domain/errors.ts';
import { connect } from '../../src/engine/connect.ts';
import { openHttp, type HttpRequest } from '../../src/engine/transport.ts';
import { fencesOn } from '../../src/fences/fences.ts';
import { settingsOn } from '../../src/registry/settings.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { secret } from '../bed/secret.ts';
import { aRepository, type TestRepository } from '../support/real/a-repository.ts';
import { dutiesOfOperator } from '../support/real/duties-of-operator.ts';
import {
  dutiesOfAct,
  dutiesOfCopy,
  dutiesOfIndex,
  dutiesOfLook,
  dutiesOfWorker,
  indexed,
  settingsIndex,
  type Desk,
  type Duty,
} from '../support/real/engine-duties.ts';
import { lackingOne, rolesFile, rolesOfPage, type EngineRoles } from '../support/real/engine-roles.ts';
import { eventually } from '../support/checks/eventually.ts';
import { ownEngine, type OwnEngine } from '../support/real/own-engine.ts';

const startsWithinMs = 420_000;
const roles = rolesOfPage();
const lacking = lackingOne(roles);
const password = secret();
const alias = 'code-kibana';

const duties: Readonly<Record<string, (desk: Desk) => readonly Duty[]>> = {
  reindeer_operator: dutiesOfOperator,
  reindeer_worker: dutiesOfWorker,
  reindeer_copy: dutiesOfCopy,
  reindeer_look: dutiesOfLook,
  reindeer_act: dutiesOfAct,
};

const write = { method: 'PUT', json: { n: 1 }, idempotent: true } as const;
const search = { method: 'POST', path: '/other/_search', json: {}, idempotent: true } as const;
const settingsGone = { method: 'DELETE', path: `/${settingsIndex}`, idempotent: true } as const;
const versionGone = { method: 'DELETE', path: `/${alias}-v1`, idempotent: true } as const;
const intoVersion = { ...write, path: `/${alias}-v1/_doc/x` };
const intoSettings = { ...write, path: `/${settingsIndex}/_doc/x` };
const aliasMoved = {
  method: 'POST',
  path: '/_aliases',
  json: { actions: [{ add: { index: `${alias}-v1`, alias } }] },
  idempotent: true,
} as const;
const clusterSettings = {
  ...write,
  path: '/_cluster/settings',
  json: { persistent: { 'indices.recovery.max_bytes_per_sec': null } },
};
const clusterState = { method: 'GET', path: '/_cluster/state', idempotent: true } as const;
const anIndex = { ...write, json: {} };

/** What a role must not allow. */
const refused: Readonly<Record<string, readonly HttpRequest[]>> = {
  reindeer_operator: [
    ...[intoVersion, settingsGone, clusterSettings, search],
    { ...anIndex, path: '/other-2' },
    { ...versionGone, path: '/other' },
  ],
  reindeer_worker: [
    ...[aliasMoved, versionGone, settingsGone, clusterState, search],
    { ...anIndex, path: `/${alias}-v9` },
    { ...search, path: `/${alias}/_search` },
  ],
  reindeer_copy: [
    ...[versionGone, settingsGone, clusterSettings, search],
    { ...anIndex, path: `/${alias}-v9` },
    { ...write, path: `/${alias}-2024/_doc/x` },
  ],
  reindeer_look: [intoVersion, intoSettings, aliasMoved, versionGone, settingsGone, clusterState, search],
  reindeer_act: [
    ...[intoVersion, settingsGone, clusterState, clusterSettings, search],
    { ...search, path: `/${alias}/_search` },
  ],
};

/** The user with one role; and the one who lacks the privilege of this place in the list. */
const userOf = (role: string): string => `all-of-${role}`;
const lackingUser = (at: number): string => `lacking-${at}`;

describe('the users of docs/engine-users.md', () => {
  let opening: Promise<OwnEngine> | undefined;
  let node: OwnEngine;
  let admin: EngineHands;
  let repository: TestRepository;
  const open: EngineHands[] = [];
  const table: string[] = [];

  const as = (username: string): EngineHands => {
    const caPem = readFileSync(node.caFile, 'utf8');
    const secretOf = username === node.username ? node.password : password;
    const engine = connect({ endpoints: [node.url], username, password: secretOf, caPem, clock: systemClock });
    const hands = { engine, settings: settingsOn(engine, settingsIndex), ...fencesOn(engine, systemClock) };
    open.push(hands);
    return hands;
  };
  const raw = async (username: string, request: HttpRequest): Promise<unknown> => {
    const caPem = readFileSync(node.caFile, 'utf8');
    const secretOf = username === node.username ? node.password : password;
    const http = openHttp({ endpoints: [node.url], username, password: secretOf, caPem, clock: systemClock });
    try {
      return (await http.send(request)).body;
    } finally {
      await http.close();
    }
  };
  const desk = (username: string): Desk => ({ user: as(username), admin, alias, repository });
  /** What goes wrong first, or undefined. */
  const fault = async (all: readonly Duty[]): Promise<string | undefined> => {
    for (const [what, act] of all) {
      const message = await act().then(
        () => undefined,
        (error: unknown) => String(error),
      );
      if (message !== undefined) return `${what}: ${message}`;
    }
    return undefined;
  };

  beforeAll(async () => {
    opening = ownEngine();
    node = await opening;
    admin = as(node.username);
    const made: EngineRoles = {
      ...roles,
      ...Object.fromEntries(lacking.map(({ rest }, at) => [lackingUser(at), rest])),
    };
    node.putRoles(rolesFile(made));
    for (const role of Object.keys(roles)) node.putUser(userOf(role), password, [role]);
    for (const [at] of lacking.entries()) node.putUser(lackingUser(at), password, [lackingUser(at)]);
    node.putUser('index', password, ['reindeer_operator', 'reindeer_worker']);
    // The last line of each file; what is asked is what the operator's role allows.
    let last: unknown;
    await eventually(
      'the engine knows users and roles',
      60_000,
      async () => {
        last = await raw('index', { method: 'GET', path: '/_nodes/_local', idempotent: true }).then(
          () => undefined,
          (error: unknown) => error,
        );
        return last === undefined;
      },
      () => String(last),
    );
  }, startsWithinMs);
  beforeEach(async () => {
    repository = await aRepository();
    for (const { name } of await admin.engine.indices.describe(`code-*,${settingsIndex}`))
      await admin.engine.indices.delete(name);
  });
  afterEach(() => repository?.remove());
  afterAll(async () => {
    console.log(table.join('\n'));
    for (const { engine } of open) await engine.close();
    await (await opening)?.stop();
  }, startsWithinMs);

  it('are all known here', () => {
    expect(Object.keys(roles)).toEqual(Object.keys(duties));
    expect(Object.keys(roles)).toEqual(Object.keys(refused));
  });

  it.each(Object.keys(roles))(
    '%s can do what it has to do',
    async role => {
      expect(await fault(duties[role]?.(desk(userOf(role))) ?? [])).toBe(undefined);
    },
    120_000,
  );

  it.each(Object.keys(roles))(
    '%s can do nothing of what it must not',
    async role => {
      await indexed(desk(node.username));
      await raw(node.username, { ...anIndex, path: '/other' }).catch(() => undefined);
      for (const request of refused[role] ?? []) {
        const answer = raw(userOf(role), request).then(
          () => 'done',
          (error: unknown) => (error instanceof TerminalError ? error.reason : String(error)),
        );
        expect([request.method, request.path, await answer]).toEqual([
          request.method,
          request.path,
          'AuthenticationFailed',
        ]);
      }
    },
    120_000,
  );

  it('operator and worker together can index from the command line', async () => {
    expect(await fault(dutiesOfIndex(desk('index')))).toBe(undefined);
  }, 120_000);

  it.each(lacking.map(({ role, privilege, on }, at) => ({ role, privilege, on, at })))(
    '$role without $privilege on $on cannot',
    async ({ role, privilege, on, at }) => {
      const found = await fault(duties[role]?.(desk(lackingUser(at))) ?? []);
      table.push(`${role} | ${privilege} | ${on} | ${found ?? 'NOTHING'}`);
      expect(found).toMatch(/lack a privilege|is unauthorized|, and an administrator |was not brought up to date/);
    },
    120_000,
  );
});
