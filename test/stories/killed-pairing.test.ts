import { isWhole } from '../support/objects/sampled.ts';
import { survives } from '../support/worlds/a-bad-world.ts';
import { pairing } from '../support/worlds/a-golden-run.ts';

const told = {
  name: 'pairing',
  play: pairing,
  ends: {
    serves: ['kibana-v3', 'kibana-v3_places'],
    versions: ['kibana-v3', 'kibana-v3_places'],
    retired: [],
    locked: false,
    ran: ['full kibana-v1 c1', 'full kibana-v2 c1', 'full kibana-v3 c1'],
  },
};

survives(
  told,
  isWhole ? ['killed before', 'killed after', 'done twice', 'request lost', 'reply lost'] : ['killed after'],
);
