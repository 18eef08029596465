import { survives } from '../support/worlds/a-bad-world.ts';
import { expiring } from '../support/worlds/a-golden-run.ts';

const told = {
  name: 'expiring',
  play: expiring,
  ends: {
    serves: ['kibana-v2'],
    versions: ['kibana-v2'],
    retired: [],
    records: ['live 2 candidate null', 'kibana-v2 Live'],
    locked: false,
  },
};

// The other faults are milder forms of these, as the growing run shows.
survives(told, ['killed after', 'done twice', 'reply lost']);
