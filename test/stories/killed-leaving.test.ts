import { survives } from '../support/worlds/a-bad-world.ts';
import { leaving } from '../support/worlds/a-golden-run.ts';

const told = {
  name: 'leaving',
  play: leaving,
  ends: {
    serves: [],
    versions: [],
    records: ['live undefined candidate undefined'],
    locked: false,
    requests: [],
    jobs: [],
  },
};

// The other faults are milder forms of these, as the growing run shows.
survives(told, ['killed after', 'done twice', 'reply lost']);
