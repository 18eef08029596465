/** A fact that is too dear for every look: it is asked for when a step wants it. */
export type Question<Answer, Observed, Hands> = {
  readonly name: string;
  readonly ask: (observed: Observed, hands: Hands) => Promise<Answer>;
};

type AnyQuestion = Question<unknown, never, never>;

/** What was answered during one look. */
export type Answers = ReadonlyMap<AnyQuestion, unknown>;

export const noAnswers: Answers = new Map();

export function question<Answer, Observed, Hands>(
  name: string,
  ask: (observed: Observed, hands: Hands) => Promise<Answer>,
): Question<Answer, Observed, Hands> {
  return { name, ask };
}

/** The answer of this look; undefined while it was not asked for. */
export function answerTo<Answer>(
  { answers }: { readonly answers: Answers },
  asked: Question<Answer, never, never>,
): Answer | undefined {
  return answers.get(asked) as Answer | undefined; // only withAnswer writes it, of the same question
}

export function withAnswer<Answer>(answers: Answers, asked: Question<Answer, never, never>, answer: Answer): Answers {
  return new Map([...answers, [asked, answer]]);
}
