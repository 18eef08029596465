import type { Provider } from './provider.ts';
import { RefusedError } from './refused.ts';

export const kindProvider: Provider = {
  up: async () => {
    throw new RefusedError('not yet');
  },
  down: async () => undefined,
};
