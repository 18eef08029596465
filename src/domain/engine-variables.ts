/** The variables by which a program finds its engine. */
const formerVariables = ['SEARCH_ENDPOINT', 'SEARCH_USERNAME', 'SEARCH_PASSWORD', 'SEARCH_CA_CERT'] as const;
const engineVariables = [...formerVariables, 'SEARCH_API_KEY'] as const;

/** Those that releases before had under another name. */
export type EngineVariable = (typeof formerVariables)[number];

type Environment = Readonly<Record<string, string | undefined>>;

/** What releases call a variable that know Elasticsearch alone; still read, and still handed to workers. */
export function formerName(name: EngineVariable): string {
  return name.replace(/^SEARCH_/, 'ELASTICSEARCH_');
}

/**
 * The environment with what says how an engine is reached under today's names. Those of before are read as a set, where none
 * of today's says anything: the password of one engine must not reach another.
 */
export function withEngineVariables(env: Environment): Environment {
  if (engineVariables.some(name => (env[name] ?? '') !== '')) return env;
  return { ...env, ...Object.fromEntries(formerVariables.map(name => [name, env[formerName(name)] ?? ''])) };
}

/** The same values under the names of before as well, for a program that knows only those. */
export function withFormerNames(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const given = formerVariables.filter(name => values[name] !== undefined);
  return { ...values, ...Object.fromEntries(given.map(name => [formerName(name), values[name] ?? ''])) };
}
