import { survives } from '../support/worlds/a-bad-world.ts';
import { growing } from '../support/worlds/a-golden-run.ts';

/** In three files, as one would take as long as all the other stories together. */
const told = {
  name: 'growing',
  play: growing,
  ends: {
    serves: ['kibana-v3'],
    versions: ['kibana-v2', 'kibana-v3'],
    retired: ['kibana-v2'],
    locked: false,
    ran: ['full kibana-v1 c1', 'incremental kibana-v1 c2', 'full kibana-v2 c2', 'full kibana-v3 c2'],
  },
};

survives(told, ['killed before', 'killed after', 'done twice', 'request lost', 'reply lost']);
