/** What one row of the fault matrix (docs/faults.md) has shown so far. */
export class FaultRecord {
  readonly id: string;
  readonly fault: string;
  tries = 0;
  injected = 0;
  samples = 0;
  readonly #recoveriesMs: number[] = [];
  readonly #violations: string[] = [];
  readonly #remarks: string[] = [];
  readonly #endings: (() => Promise<void>)[] = [];

  constructor(id: string, fault: string) {
    this.id = id;
    this.fault = fault;
  }

  /** One more round of the row begins. */
  attempt(): void {
    this.tries += 1;
  }

  /** A fault was really done: a signal sent, a reply dropped, a request refused. */
  inject(count = 1): void {
    this.injected += count;
  }

  /** From the end of a fault until everything was as promised again. */
  recovered(ms: number): void {
    this.#recoveriesMs.push(ms);
  }

  /** The invariants were looked at once; each line says which one did not hold, and how. */
  sampled(violations: readonly string[]): void {
    this.samples += 1;
    this.#violations.push(...violations);
  }

  /** Done when the row is over, however it ended; newest first. */
  atEnd(finish: () => Promise<void>): void {
    this.#endings.unshift(finish);
  }

  /** All of it, even when some of it fails; then throws the first failure. */
  async end(): Promise<void> {
    const failures: unknown[] = [];
    for (const finish of this.#endings.splice(0))
      await finish().catch((error: unknown) => {
        failures.push(error);
      });
    if (failures.length > 0) throw failures[0];
  }

  /** Shown beside the row: figures that its promise speaks of. */
  remark(text: string): void {
    this.#remarks.push(text);
  }

  get slowestRecoveryMs(): number | undefined {
    return this.#recoveriesMs.length === 0 ? undefined : Math.max(...this.#recoveriesMs);
  }

  get remarks(): string {
    return [...this.#violations.slice(0, 2), ...this.#remarks].join('; ');
  }

  /** Why the row proves nothing, or proves that a promise was broken; empty when it is good. */
  get faultsFound(): readonly string[] {
    return [
      ...(this.injected > 0 ? [] : ['no fault was injected']),
      ...(this.samples > 0 ? [] : ['the invariants were never looked at']),
      ...(this.#recoveriesMs.length > 0 ? [] : ['no recovery was timed']),
      ...this.#violations.slice(0, 5),
    ];
  }

  get violations(): number {
    return this.#violations.length;
  }
}

const head = ['row', 'fault', 'tries', 'injected', 'samples', 'violations', 'slowest recovery', 'found'];

/** The rows as one table of plain text. */
export function faultTable(records: readonly FaultRecord[]): string {
  const lines = [head, ...records.map(cells)];
  const widths = head.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)));
  const [first = '', ...others] = lines.map(line =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [first, widths.map(width => '-'.repeat(width)).join('  '), ...others].join('\n');
}

function cells(record: FaultRecord): readonly string[] {
  const ms = record.slowestRecoveryMs;
  return [
    record.id,
    record.fault,
    String(record.tries),
    String(record.injected),
    String(record.samples),
    String(record.violations),
    ms === undefined ? 'never' : `${(ms / 1000).toFixed(1)} s`,
    record.remarks,
  ];
}
