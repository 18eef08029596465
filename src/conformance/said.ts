/** How a program is told what to do: each field in a variable, or all of it in one text of JSON. */
export const contracts = ['1', '2'] as const;
export type Contract = (typeof contracts)[number];

type Environment = Readonly<Record<string, string>>;

/** What contract 1 says in one variable for each field, as this contract says it; what makes no sense stays as it is. Pure. */
export function saidIn(contract: Contract, environment: Environment): Environment {
  if (contract === '1') return environment;
  const rest = new Map(Object.entries(environment));
  const take = (name: string): string | undefined => {
    const value = rest.get(`REINDEER_${name}`);
    rest.delete(`REINDEER_${name}`);
    return value;
  };
  const asked = take('CONTRACT');
  const assignment = {
    run: 'conformance',
    kind: take('REQUEST_UID') === '' ? 'Light' : 'Heavy',
    step: 'conformance',
    attempt: 0,
    token: Number(take('TOKEN')),
    deadlineSeconds: Number(take('DEADLINE_SECONDS')),
    work: {
      ...{ program: 'index', mode: take('MODE'), alias: take('ALIAS'), index: take('INDEX') },
      ...{ commit: take('COMMIT'), base: '', partitions: 1, duringReindex: 'Skip' },
      source: { url: take('REPO_URL'), ref: take('BRANCH'), include: [], exclude: [], maxFileBytes: 1_048_576 },
    },
  };
  return {
    ...Object.fromEntries(rest),
    REINDEER_CONTRACT: asked === '1' ? contract : (asked ?? ''),
    REINDEER_ASSIGNMENT: JSON.stringify(assignment),
  };
}
