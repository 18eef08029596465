import { survives } from '../support/worlds/a-bad-world.ts';
import { trying } from '../support/worlds/a-golden-run.ts';

const told = {
  name: 'trying',
  play: trying,
  ends: {
    serves: ['kibana-v1'],
    versions: ['kibana-v1', 'kibana-v2'],
    retired: ['kibana-v2'],
    commit: 'c3'.padEnd(40, '0'),
    locked: false,
    requests: ['NoLiveVersion True', 'given-up False', 'tried False'],
  },
};

// The other faults are milder forms of these, as the growing run shows.
survives(told, ['killed after', 'done twice', 'reply lost']);
