import type { FaultRecord } from '../checks/fault-table.ts';

/** One row of the fault matrix: the fault on real components, and everything that must hold while and after it lasts. */
export type FaultRow<Stage> = {
  /** As docs/faults.md numbers it. */
  readonly id: string;
  readonly fault: string;
  /** Longest time that the row may take on a busy machine. */
  readonly withinMs: number;
  /** It is about users of the engine, or its certificate. */
  readonly needsSecurity?: true;
  /** Does the faults, asserts the promise, and writes down what it did. */
  run(stage: Stage, record: FaultRecord): Promise<void>;
};

/** Plays a row to its end, and ends what it began; its own failure says more than one on the way out. */
export async function playRow<Stage>(row: FaultRow<Stage>, stage: Stage, record: FaultRecord): Promise<void> {
  try {
    await row.run(stage, record);
  } catch (error) {
    await record.end().catch(() => undefined);
    throw error;
  }
  await record.end();
}
