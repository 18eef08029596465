import { isWhole } from '../support/objects/sampled.ts';
import { survives } from '../support/worlds/a-bad-world.ts';
import { caring } from '../support/worlds/a-careful-life.ts';

const told = {
  name: 'caring',
  play: caring,
  ends: {
    serves: ['kibana-v2'],
    versions: ['kibana-v2'],
    retired: [],
    commit: 'c2'.padEnd(40, '0'),
    locked: false,
    requests: ['NoLiveVersion True', 'RevisionChanged True'],
    ran: ['full kibana-v1 c1', 'full kibana-v2 c1', 'incremental kibana-v2 c2', 'incremental kibana-v1 c2'],
  },
};

survives(
  told,
  isWhole ? ['killed before', 'killed after', 'done twice', 'request lost', 'reply lost'] : ['killed after'],
);
