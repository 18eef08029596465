import type { Case } from './case.ts';
import { cases } from './cases.ts';
import { openStage, type StageParts } from './stage.ts';
import { Mismatch } from './subject.ts';

export type CaseResult = {
  readonly name: string;
  readonly is: 'ok' | 'failed' | 'skipped';
  /** Why it failed or was skipped; else what the case is about. */
  readonly text: string;
  readonly ms: number;
};

/** Runs the cases one after another, each on a version of its own, and tells about each as it ends. */
export async function checkConformance(
  parts: StageParts & { readonly elapsedMs: () => number },
  chosen: readonly Case[],
  tell: (result: CaseResult) => void,
): Promise<readonly CaseResult[]> {
  const stage = await openStage(parts);
  const results: CaseResult[] = [];
  try {
    for (const { name, about, run } of chosen) {
      const begunMs = parts.elapsedMs();
      const ended = await run(stage).then(
        skipped =>
          skipped === undefined ? ({ is: 'ok', text: about } as const) : ({ is: 'skipped', text: skipped } as const),
        failed,
      );
      const result = { name, ...ended, ms: Math.round(parts.elapsedMs() - begunMs) };
      results.push(result);
      tell(result);
    }
  } finally {
    await stage.close();
  }
  return results;
}

/** Only what the program did counts against it; anything else is ours, or the engine's. */
function failed(error: unknown): Pick<CaseResult, 'is' | 'text'> {
  if (error instanceof Mismatch) return { is: 'failed', text: error.message };
  throw error;
}

/** The cases with these names, or all. Undefined = there is no such name. */
export function casesNamed(names: readonly string[]): readonly Case[] | undefined {
  if (names.some(name => !cases.some(each => each.name === name))) return undefined;
  return names.length === 0 ? cases : cases.filter(each => names.includes(each.name));
}
