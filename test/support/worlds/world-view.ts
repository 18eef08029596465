import { indexedRepoResource, type IndexedRepoStatus } from '../../../src/api/indexed-repo.ts';
import type { Key, KubeObject, Resource } from '../../../src/api/object.ts';
import { reindexRequestResource, type ReindexRequestStatus } from '../../../src/api/reindex-request.ts';
import { searchClusterResource } from '../../../src/api/search-cluster.ts';
import type { Engine } from '../../../src/engine/port.ts';
import type { Settings } from '../../../src/registry/port.ts';
import { settingsOn } from '../../../src/registry/settings.ts';
import { jobResource } from '../../../src/work/kube-jobs.ts';
import type { FakeKube } from '../fakes/fake-kube.ts';
import { recordingLog } from '../fakes/recording-log.ts';

export const namespace = 'team';
export const settingsIndex = 'reindeer-settings';

type Shown = { readonly type: string; readonly status: string; readonly reason: string; readonly message: string };

/** What can be seen of the world from outside of the operator. */
export abstract class WorldView {
  abstract readonly kube: FakeKube;
  /** What answers behind the endpoints now, unless an endpoint has one of its own. */
  abstract engine: Engine;
  readonly log = recordingLog();

  /** The settings index as an outside program reads and writes it. */
  get settings(): Settings {
    return settingsOn(this.engine, settingsIndex);
  }

  async repo(name: string): Promise<Partial<IndexedRepoStatus>> {
    return await this.#status(indexedRepoResource, name);
  }

  async request(name: string): Promise<Partial<ReindexRequestStatus>> {
    return await this.#status(reindexRequestResource, name);
  }

  async #status(resource: Resource, name: string): Promise<object> {
    return (await this.kube.get(resource, key(name)))?.status ?? {};
  }

  async condition(resource: Resource, name: string, type: string): Promise<Shown | undefined> {
    const { conditions = [] } = (await this.#status(resource, name)) as { conditions?: readonly Shown[] };
    return conditions.find(each => each.type === type);
  }

  /** Members of an alias, by name. */
  async serves(alias: string): Promise<readonly string[]> {
    return (await this.engine.aliases.members(alias)).map(member => member.index);
  }

  /** Versions that exist as indices. */
  async versions(alias: string): Promise<readonly string[]> {
    return (await this.engine.indices.describe(`${alias}-v*`)).map(index => index.name).toSorted();
  }

  async isLocked(alias: string): Promise<boolean> {
    return (await this.settings.lockRecord(alias))?.source.lease.held === true;
  }

  async exists(resource: Resource, name: string): Promise<boolean> {
    return (await this.kube.get(resource, key(name))) !== undefined;
  }

  /** It is being deleted, or gone. */
  async isLeaving(resource: Resource, name: string): Promise<boolean> {
    const object = await this.kube.get(resource, key(name));
    return object?.metadata.deletionTimestamp !== undefined || object === undefined;
  }

  async requests(): Promise<readonly KubeObject[]> {
    return this.kube.list(reindexRequestResource, namespace);
  }

  async jobs(): Promise<readonly KubeObject[]> {
    return this.kube.list(jobResource, namespace);
  }

  /** Lines that call for a human. */
  errors(): readonly string[] {
    return this.log.lines.filter(line => line.level === 'error').map(line => JSON.stringify(line));
  }

  async describe(): Promise<string> {
    const kinds = [searchClusterResource, indexedRepoResource, reindexRequestResource, jobResource];
    const objects = await Promise.all(kinds.map(async resource => this.kube.list(resource, namespace)));
    const shown = objects.flat().map(({ metadata, status }) => ({
      name: metadata.name,
      deleting: metadata.deletionTimestamp,
      status,
    }));
    return `${JSON.stringify(shown, undefined, 1)}\n${this.log.lines
      .slice(-30)
      .map(line => JSON.stringify(line))
      .join('\n')}`;
  }
}

export function key(name: string): Key {
  return { namespace, name };
}
