import { bedProcesses } from './processes.ts';
import type { BedState, EngineLocation } from './state.ts';

/** What the programs of the product read to find an engine. */
export function engineVariables({ url, username, password, caFile }: EngineLocation): Readonly<Record<string, string>> {
  return { SEARCH_ENDPOINT: url, SEARCH_USERNAME: username, SEARCH_PASSWORD: password, SEARCH_CA_CERT: caFile };
}

/** What a user of the command line and of kubectl exports to work with the bed. */
export function environmentOf(state: BedState): Readonly<Record<string, string>> {
  return {
    KUBECONFIG: state.kubeconfig,
    ...engineVariables(state.engine),
    BED_GIT_URL: state.git.url,
    BED_GIT_USERNAME: state.git.username,
    BED_GIT_PASSWORD: state.git.password,
    BED_GIT_TOKEN: state.git.token,
    GIT_SSL_CAINFO: state.git.caFile,
  };
}

/** `export` lines for a shell that evaluates them. */
export function exportLines(state: BedState): string {
  const lines = Object.entries(environmentOf(state)).map(([name, value]) => `export ${name}='${value}'`);
  return [...lines, `export PATH='${state.binaries}':"$PATH"`].join('\n');
}

/** For people: what runs and where. */
export function describeBed(state: BedState): string {
  const names = [...new Set(bedProcesses(state.home).map(found => found.name))].sort();
  return [
    `bed at level ${state.level} (${state.provider}) in ${state.home}`,
    `  API server     ${state.apiServer.url}`,
    `  ${state.engine.type.padEnd(15)}${state.engine.urls.join(' ')}`,
    `  Git server     ${state.git.url}   repositories in ${state.git.reposDir}`,
    ...(state.node === undefined
      ? []
      : [`  node           ${state.node.name}`, `  image          ${state.node.image}`]),
    ...(state.provider === 'kind' ? [] : [`  running        ${names.join(' ')}`]),
    ...(state.provider === 'kind' ? [] : [`  logs           ${state.home}/logs`]),
    '  in a shell     eval "$(npm run --silent bed -- env)"',
  ].join('\n');
}
