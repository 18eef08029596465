import { matchesPattern } from '../../domain/name-pattern.ts';
import type { IndexTemplate } from '../../engine/port.ts';
import { passed, refused, type Finding } from './check.ts';
import type { PlannedVersion } from './plan.ts';

/** What a creation says itself, whatever a template says. */
const overruledSettings: ReadonlySet<string> = new Set([
  ...['index.number_of_shards', 'index.number_of_replicas', 'index.refresh_interval', 'index.hidden'],
]);
/** Without a meaning where all fields are declared and no other is taken. */
const overruledMappings: ReadonlySet<string> = new Set(['dynamic', '_meta', 'date_detection', 'numeric_detection']);

/** Whether an index template would make another index of the new version than the one that is declared. */
export function templatesCheck(
  { name }: PlannedVersion,
  declared: readonly string[],
  templates: readonly IndexTemplate[] | undefined,
): Finding {
  if (!templates) return passed('templates', 'not asked: the credentials may not see index templates');
  const adding = templates
    .map(each => ({ ...each, adds: addedBy(each, declared) }))
    .filter(({ adds }) => adds.length > 0);
  if (adding.length > 0) {
    const who = adding.map(each => `the ${each.kind} template "${each.name}" ${each.adds.join(', ')}`).join('; ');
    return refused('templates', {
      reason: 'TemplateMatches',
      message: `${name} has to be as it is declared, but ${who}`,
    });
  }
  if (templates.length === 0) return passed('templates', `no index template matches ${name}`);
  const names = templates.map(each => `"${each.name}"`).join(', ');
  return passed('templates', `${names} matches ${name} and adds nothing to it`);
}

function addedBy(
  { forDataStreams, settings, mappings, aliases }: IndexTemplate,
  declared: readonly string[],
): readonly string[] {
  if (forDataStreams) return ['makes a data stream of every such name'];
  const isOverruled = (key: string): boolean => overruledSettings.has(key) || declared.includes(key);
  const keys = Object.keys(settings).filter(key => !isOverruled(key));
  const parts = Object.keys(mappings).filter(key => !overruledMappings.has(key));
  return [
    ...(keys.length > 0 ? [`sets ${keys.join(', ')}`] : []),
    ...(parts.length > 0 ? [`brings ${parts.map(part => `mappings.${part}`).join(', ')}`] : []),
    ...(aliases.length > 0 ? [`puts it behind ${aliases.join(', ')}`] : []),
  ];
}

/** Said, and no reason to refuse: our own writes go by names that have to be aliases. */
export function autoCreateCheck({ name }: PlannedVersion, autoCreate: string): Finding {
  const makes = createsByItself(name, autoCreate) ? 'makes' : 'makes no';
  return passed(
    'auto-create',
    `a write of somebody else to ${name}, where there is none, ${makes} index (action.auto_create_index: ${autoCreate || 'not known'})`,
  );
}

/** As the engine reads it: true, false, or patterns of which the first that matches decides; where none does it is not made. */
function createsByItself(name: string, autoCreate: string): boolean {
  if (autoCreate === '' || autoCreate === 'true') return true;
  for (const each of autoCreate.split(',').map(part => part.trim())) {
    const [, sign, pattern = ''] = /^([+-]?)(.*)$/.exec(each) ?? [];
    if (matchesPattern(name, pattern)) return sign !== '-';
  }
  return false;
}
