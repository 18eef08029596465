import type { Key, KubeObject, Resource } from '../api/object.ts';
import type { Kube } from './port.ts';

/**
 * Writes after which their writer has nothing more to do, of one kind: when the watch brings them back, nobody is woken.
 * What others wrote meanwhile wakes as ever.
 */
export class QuietWrites implements Pick<Kube, 'patchStatus'> {
  readonly #kube: Pick<Kube, 'patchStatus'>;
  readonly #wake: (key: Key) => void;
  /** Versions that the watch brought while the answer to a write was still on its way. */
  readonly #underway = new Map<string, (string | undefined)[]>();
  /** Versions that were written and have not come back. */
  readonly #expected = new Map<string, string>();

  constructor(kube: Pick<Kube, 'patchStatus'>, wake: (key: Key) => void) {
    this.#kube = kube;
    this.#wake = wake;
  }

  async patchStatus<T extends KubeObject>(
    resource: Resource,
    key: Key,
    resourceVersion: string,
    status: object,
  ): Promise<T | 'gone'> {
    const id = idOf(key);
    const heard: (string | undefined)[] = [];
    this.#underway.set(id, heard);
    let written: string | undefined;
    try {
      const answer = await this.#kube.patchStatus<T>(resource, key, resourceVersion, status);
      written = answer === 'gone' ? undefined : answer.metadata.resourceVersion;
      return answer;
    } finally {
      this.#underway.delete(id);
      if (heard.some(version => version !== written)) this.#wake(key);
      else if (heard.length === 0 && written !== undefined) this.#expected.set(id, written);
    }
  }

  /**
   * To be asked about every change that the watch brings, with the version that it is of (undefined: the object is gone).
   * False: the object has to be looked at. True: it has not, or is woken for when the write under way is answered.
   */
  isOwnWrite(key: Key, version: string | undefined): boolean {
    const id = idOf(key);
    const underway = this.#underway.get(id);
    if (underway !== undefined) {
      underway.push(version);
      return true;
    }
    const expected = this.#expected.get(id);
    this.#expected.delete(id);
    return expected !== undefined && expected === version;
  }
}

function idOf({ namespace, name }: Key): string {
  return `${namespace}/${name}`;
}
