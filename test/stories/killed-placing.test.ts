import { isWhole } from '../support/objects/sampled.ts';
import { survives } from '../support/worlds/a-bad-world.ts';
import { placing } from '../support/worlds/a-zoned-world.ts';

const told = {
  name: 'placing',
  play: placing,
  ends: {
    serves: ['kibana-v3'],
    versions: ['kibana-v1', 'kibana-v3'],
    retired: ['kibana-v1'],
    locked: false,
    ran: ['full kibana-v1 c1', 'full kibana-v3 c1'],
    filters: ['kibana-v3 include.zone north,south'],
  },
};

survives(
  told,
  isWhole ? ['killed before', 'killed after', 'done twice', 'request lost', 'reply lost'] : ['killed after'],
);
