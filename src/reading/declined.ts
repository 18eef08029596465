/** What was asked cannot be done as it was asked: one line says why and what would do. */
export class DeclinedError extends Error {
  override readonly name = 'DeclinedError';
  readonly exitCode: number;
  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
