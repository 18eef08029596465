import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { Owner } from '../engine/settings-port.ts';
import { versionName } from '../domain/versions.ts';
import type { EngineSide, Problem } from './observed.ts';

/** Who owns an alias, as the settings index records it. */
export function ownerOf(repo: IndexedRepo, clusterUuid: string): Owner {
  const { namespace, name, uid } = repo.metadata;
  return { clusterUuid, namespace, name, uid };
}

type AliasSide = Pick<EngineSide, 'aliasIs' | 'record' | 'members'>;

/** Why this IndexedRepo may not touch its alias, or undefined when it may. Nothing of this is ever fought over. */
export function aliasTrouble(repo: IndexedRepo, engine: AliasSide): Problem | undefined {
  const { alias } = repo.spec;
  if (engine.aliasIs === 'index')
    return {
      reason: 'AliasIsIndex',
      message: `"${alias}" is a concrete index: rename or delete it, or choose another alias`,
    };
  const owner = engine.record?.owner;
  // An empty uid is an alias that its owner left behind on purpose (deletionPolicy Retain): the next one may have it.
  if (owner && owner.uid !== repo.metadata.uid && owner.uid !== '')
    return { reason: 'AliasOwnedElsewhere', message: `"${alias}" belongs to ${ownerName(owner)}` };
  return unexpectedMembers(alias, engine);
}

function ownerName(owner: Owner): string {
  return owner.namespace === ''
    ? `${owner.name}, outside this operator`
    : `IndexedRepo ${owner.namespace}/${owner.name}`;
}

function unexpectedMembers(alias: string, engine: AliasSide): Problem | undefined {
  const known = new Set(
    [engine.record?.live, engine.record?.candidate]
      .filter(number => number != null)
      .map(number => versionName(alias, number)),
  );
  const strangers = engine.members.map(member => member.index).filter(index => !known.has(index));
  if (strangers.length === 0) return undefined;
  const reason = engine.record?.live == null ? 'AliasAmbiguous' : 'Drifted';
  return { reason, message: `"${alias}" points at ${strangers.join(', ')}, which this IndexedRepo did not put there` };
}
