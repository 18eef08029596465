import type { ReindexRequestStatus } from '../../api/reindex-request.ts';
import type { VersionRecord } from '../../domain/records.ts';
import { versionName } from '../../domain/version.ts';
import { answerTo } from '../../plan/question.ts';
import { ask, done, fail, wait } from '../../plan/step.ts';
import { isJustApproved, passesUnclear, waysOnFromUnclear } from '../control.ts';
import { digestChecks, digestName, wantsFullDigest } from '../digest-check.ts';
import { candidateRecord, ground } from '../facts.ts';
import {
  checkName,
  goldenAnswers,
  isSettled,
  queriesOf,
  queriesToAsk,
  settledBefore,
  type QueryAnswers,
} from '../golden-queries.ts';
import type { Observed } from '../observed.ts';
import { queryCheck, type Check } from '../query-check.ts';
import { readBack } from '../read-back.ts';
import { engineQuestion, type RunStep, type RunVerdict } from '../step.ts';

type Counts = { readonly files: number; readonly chunks: number };

const countNames = ['files', 'chunks'] as const;
/** What is unclear is asked again after this. */
const unclearMs = 15_000;

export const documentCounts = engineQuestion('documents of the candidate', async (o, { engine }): Promise<Counts> => {
  const index = candidateRecord(o)?.index ?? '';
  const [files = 0, chunks = 0] = await Promise.all(
    ['file', 'chunk'].map(doc => engine.indices.count(index, { term: { doc } })),
  );
  return { files, chunks };
});

/**
 * Repeats the count itself: the engine must hold what the worker's record says it verified against the tree; then asks the
 * queries of the request. What fails ends the run, what is unclear is asked again. Done once all is written down, so that
 * nothing is asked again while a later step waits.
 */
export const verify: RunStep = {
  name: 'verify',
  phase: 'Verifying',
  look: o => {
    const record = candidateRecord(o);
    if (!record) return wait('Running', 'the record of the candidate is not there yet', 1000);
    if (isWrittenDown(o, record)) return done;
    const counts = answerTo(o, documentCounts);
    if (!counts) return ask(documentCounts);
    const answers = answerTo(o, goldenAnswers);
    if (!answers && queriesToAsk(o).length > 0) return ask(goldenAnswers);
    const refused = refusalIn(answers);
    if (refused !== undefined) return fail('QueryRejected', refused);
    const found = allChecks(o, record, counts);
    return verdictOn(o, found, queriesToAsk(o).length - (answers?.size ?? 0));
  },
  // A candidate that is brought further is counted again: while an earlier step is at work nothing is verified.
  tell: {
    field: 'verification',
    of: (o, verdict) => (verdict === undefined ? undefined : (checked(o) ?? o.request.status.verification)),
  },
};

/** `unasked`: queries for which this look had no time any more. */
function verdictOn({ request }: Observed, found: readonly Check[], unasked: number): RunVerdict {
  const saying = (result: Check['result']): string =>
    found
      .filter(check => check.result === result)
      .map(({ message }) => message)
      .join('; ');
  const [failed, unclear] = [saying('Fail'), saying('Unclear')];
  if (failed !== '') return fail('VerificationFailed', failed);
  if (unclear !== '' && !passesUnclear(request)) return wait('Unclear', `${unclear}; ${waysOnFromUnclear}`, unclearMs);
  if (unasked > 0) return wait('Running', `${unasked} queries are yet to be asked`, 1000);
  return wait('Running', unclear === '' ? 'all checks passed' : `approved as it is: ${unclear}`, 1000);
}

function refusalIn(answers: ReadonlyMap<string, QueryAnswers> | undefined): string | undefined {
  const refused = [...(answers ?? [])].flatMap(([name, { candidate }]) =>
    candidate?.is === 'refused' ? [`query ${name}: ${candidate.message}`] : [],
  );
  return refused.length > 0 ? refused.join('; ') : undefined;
}

/** What was checked holds for the commit that the status named together with it. */
export function isWrittenDown(o: Observed, { commit }: VersionRecord): boolean {
  // What stood at a gate for long is checked once more before it serves.
  if (isJustApproved(o.request)) return false;
  const { verification = [], to } = o.request.status;
  const settled = new Set(verification.filter(entry => isSettled(o, entry)).map(({ name }) => name));
  const digest = wantsFullDigest(o) ? [digestName] : [];
  const wanted = [...countNames, ...digest, ...queriesOf(o).map(({ name }) => checkName(name))];
  return to?.commit === commit && wanted.every(name => settled.has(name));
}

function checked(o: Observed): ReindexRequestStatus['verification'] {
  const [record, counts] = [candidateRecord(o), answerTo(o, documentCounts)];
  return record && counts && [...allChecks(o, record, counts)];
}

function allChecks(o: Observed, record: VersionRecord, counts: Counts): readonly Check[] {
  return [...checks(record, counts), ...readBack(o), ...digestChecks(o), ...queryChecks(o, answerTo(o, goldenAnswers))];
}

/** Of each query that was asked: what it came to at this look, or that it was settled before. */
function queryChecks(o: Observed, answers: ReadonlyMap<string, QueryAnswers> | undefined): readonly Check[] {
  const { record, alias } = ground(o);
  const live = record.live === null ? '' : versionName(alias, record.live);
  return queriesOf(o).flatMap(query => {
    const answer = answers?.get(query.name);
    return settledBefore(o, query) ?? (answer ? queryCheck(query, answer, live) : []);
  });
}

/** Each check with both figures, as status.verification shows it. */
export function checks(record: VersionRecord, counts: Counts): readonly Check[] {
  return countNames.map(name => compare(name, record[name], counts[name]));
}

function compare(name: string, recorded: number, counted: number): Check {
  return {
    name,
    result: recorded === counted ? 'Pass' : 'Fail',
    message: `${name}: ${recorded} by the worker's comparison with the tree, ${counted} in the index`,
  };
}
