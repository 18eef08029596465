import { beforeEach, describe, expect, it } from '@jest/globals';
import { bareTrouble } from '../../src/alias/bare-trouble.ts';
import { bareClaimant, ownerOf } from '../../src/alias/claimant.ts';
import { adoptedVersion, adoptIndex } from '../../src/alias/effects/adopt.ts';
import { claimAlias } from '../../src/alias/effects/claim.ts';
import type { EngineHands } from '../../src/alias/engine-hands.ts';
import { observeBareAlias } from '../../src/alias/observe.ts';
import { fencesOn } from '../../src/fences/fences.ts';
import { settingsOn } from '../../src/registry/settings.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { anIndexBody } from '../support/objects/an-index.ts';
import { onEveryEngine } from './engines.ts';

const operator = 'kubernetes-one';

describe('an alias of applications', () => {
  onEveryEngine(bench => {
    let hands: EngineHands;
    beforeEach(async () => {
      const { engine, prefix } = bench();
      const settings = settingsOn(engine, `${prefix}-settings`);
      await settings.ensure();
      hands = { engine, settings, ...fencesOn(engine, systemClock) };
    });

    it('is adopted with all that it has on its index, and is no trouble to whoever comes after that', async () => {
      const { engine, prefix } = bench();
      const [alias, index, settingsIndex] = [`${prefix}-orders`, `${prefix}-2024`, `${prefix}-settings`];
      const claimant = bareClaimant({ alias, namespace: 'shop', operator });
      const look = async () => (await observeBareAlias(alias, settingsIndex, hands)).side;
      const trouble = async (adopt: boolean) => bareTrouble({ ...claimant, adopt }, await look())?.reason;
      expect(await trouble(true)).toBe('TargetNotFound');
      await engine.indices.create(index, anIndexBody());
      const filter = { term: { note: 'open' } };
      const properties = { filter, is_write_index: true, index_routing: '1', search_routing: '1,2' };
      await engine.aliases.update([
        { add: { index, alias, ...properties } },
        { add: { index, alias: `${prefix}-read`, is_hidden: true } },
      ]);
      expect([await trouble(false), await trouble(true)]).toEqual(['AdoptionNeeded', undefined]);
      const { uuid } = await engine.info();
      await claimAlias({ alias, owner: ownerOf(claimant, { clusterUuid: uuid, operator }) }).run({ engine: hands });
      const record = adoptedVersion(claimant, await look(), '2026-01-01T00:00:00Z')!;
      await adoptIndex({ record }).run({ engine: hands });
      const side = await look();
      expect(side.members).toEqual([{ index, properties }]);
      expect(side.versions).toMatchObject([{ number: 1, index, members: [{ role: 'main', index, properties }] }]);
      expect(side.beside).toMatchObject([{ alias: `${prefix}-read`, members: [{ index }] }]);
      expect(await trouble(false)).toBeUndefined();
      await engine.indices.create(`${prefix}-2025`, anIndexBody());
      await engine.aliases.update([{ add: { index: `${prefix}-2025`, alias } }]);
      expect(await trouble(true)).toBe('Drifted');
    });
  });
});
