import { survives } from '../support/worlds/a-bad-world.ts';
import { returning } from '../support/worlds/a-golden-run.ts';

const told = {
  name: 'returning',
  play: returning,
  ends: {
    serves: ['kibana-v1'],
    versions: ['kibana-v1', 'kibana-v2'],
    retired: ['kibana-v2'],
    locked: false,
    requests: ['NoLiveVersion True', 'SpecChanged True', 'back True', 'slow False'],
    ran: ['full kibana-v1 c1', 'full kibana-v2 c1'],
  },
};

// The other faults are milder forms of these, as the growing run shows.
survives(told, ['killed after', 'done twice', 'reply lost']);
