import type { JsonObject } from '../../domain/json.ts';
import { engineEffect } from './engine-effect.ts';

/** Changes dynamic settings of an index; with `refresh` what was written before can be searched afterwards. */
export const putSettings = engineEffect({
  name: 'put-settings',
  target: ({ index }: { readonly index: string; readonly settings: JsonObject; readonly refresh: boolean }) => index,
  run: async ({ index, settings, refresh }, { engine }) => {
    await engine.indices.putSettings(index, settings);
    if (refresh) await engine.indices.refresh(index);
  },
});
