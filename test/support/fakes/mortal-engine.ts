import type { Engine } from '../../../src/engine/port.ts';
import { interceptedEngine } from './faulty-engine.ts';

/** Calls that change something; each is one effect of a program, or a part of one. */
const writes: ReadonlySet<string> = new Set([
  ...['indices.create', 'indices.delete', 'indices.putSettings', 'indices.putMapping', 'indices.putMeta'],
  ...['indices.blockWrites', 'indices.unblockWrites', 'aliases.update'],
  ...['documents.create', 'documents.replace', 'documents.bulk'],
]);

/** The process is gone: nothing that it calls from here on has an effect, or an answer. */
class Dead extends Error {}

/** The engine as a process sees it that is killed right after its nth write, never for 0; `written` counts them. */
export function mortalEngine(engine: Engine, at: number): { readonly engine: Engine; readonly written: () => number } {
  let written = 0;
  const isDead = (): boolean => at > 0 && written >= at;
  const mortal = interceptedEngine(engine, async ({ name }, carryOut) => {
    if (isDead()) throw new Dead(`killed after write ${at}`);
    if (writes.has(name)) written += 1;
    const answer = await carryOut();
    if (isDead()) throw new Dead(`killed after write ${at}, ${name}`);
    return answer;
  });
  return { engine: mortal, written: () => written };
}
