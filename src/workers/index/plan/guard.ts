import { TerminalError } from '../../../domain/errors.ts';
import type { IndexingInput } from '../input.ts';
import type { PlanCounts } from './planning.ts';

/**
 * Refuses what is more likely a mistake in the globs than a change of the repository: nothing selected out of a tree that
 * holds something, or an incremental run after which less than half of the files would be left.
 */
export function guardSelection(input: Pick<IndexingInput, 'mode'>, { inTree, before, after }: PlanCounts): void {
  if (after === 0 && inTree > 0) {
    throw new TerminalError('NothingSelected', `of ${inTree} files none is selected`);
  }
  if (input.mode === 'incremental' && after * 2 < before) {
    const message = `${before} files are indexed and ${after} would be left`;
    throw new TerminalError('NothingSelected', message);
  }
}
