import { drained, startGit, type GitCall, type GitProcess } from './process.ts';
import { BatchReader } from './records.ts';

/** Objects by name, or whatever else Git takes for the name of one. */
export type Names = AsyncIterable<string> | Iterable<string>;

/** What Git says of an object. */
export type ObjectInfo = { readonly oid: string; readonly type: string; readonly sizeBytes: number };

/** `info` answers without the bytes. */
export type Question = 'info' | 'contents';
/** Both undefined where the store lacks the object, and the bytes where they were not asked for. */
export type Answer = { readonly info: ObjectInfo | undefined; readonly bytes: Buffer | undefined };

/** Git keeps questions to itself until it is told to answer: so many are given to it at a time. */
const questionsAtATime = 64;

/**
 * The processes that answer questions about the objects of one store. To start one costs as much as a thousand answers, so
 * each is kept for whoever asks next; it answers one at a time, and a second one who asks meanwhile gets a second process.
 */
export class CatFile {
  readonly #call: GitCall;
  #idle: Answering[] = [];

  constructor(call: Omit<GitCall, 'args'>) {
    this.#call = { ...call, args: ['cat-file', '--batch-command', '--buffer'] };
  }

  /** Answers in the order of the names. What is not taken yet waits in the pipe: memory is bounded by one object. */
  async *ask(question: Question, names: Names): AsyncGenerator<Answer> {
    if (Array.isArray(names) && names.length === 0) return;
    // One that waited may have ended meanwhile.
    this.#idle = this.#idle.filter(({ isIdle }) => isIdle);
    const answering = this.#idle.pop() ?? new Answering(startGit(this.#call));
    try {
      yield* answering.ask(question, names);
    } finally {
      if (answering.isIdle) this.#idle.push(answering);
      else answering.stop();
    }
  }

  /** Ends the processes; the next question starts another one. */
  close(): void {
    for (const answering of this.#idle) answering.stop();
    this.#idle = [];
  }
}

/** One process. */
class Answering {
  readonly #git: GitProcess;
  readonly #reader: BatchReader;
  #asked = 0;
  #answered = 0;
  #isAsking = false;
  #wake: () => void = () => undefined;

  constructor(git: GitProcess) {
    this.#git = git;
    this.#reader = new BatchReader(git.stdout);
  }

  /** All of what was asked has its answer, so that the next answer is that to the next question. */
  get isIdle(): boolean {
    return !this.#isAsking && this.#asked === this.#answered && !this.#git.hasEnded();
  }

  stop(): void {
    this.#git.stop();
  }

  async *ask(question: Question, names: Names): AsyncGenerator<Answer> {
    this.#git.ref();
    this.#isAsking = true;
    // Asked and answered at the same time: there may be more names than fit into a pipe.
    const asking = this.#feed(question, names);
    let failure: unknown;
    asking.catch((error: unknown) => {
      failure = error;
      this.#git.stop();
    });
    try {
      while (await this.#isOwed()) yield await this.#answer(question);
      await asking;
    } catch (error) {
      throw failure ?? error;
    } finally {
      // A process that waits for a question keeps no program from its end, and ends with it.
      this.#git.unref();
    }
  }

  async #feed(question: Question, names: Names): Promise<void> {
    const { stdin } = this.#git;
    try {
      let given = 0;
      for await (const name of names) {
        if (stdin.destroyed) return;
        this.#asked += 1;
        given += 1;
        const isFull = given % questionsAtATime === 0;
        if (!stdin.write(`${question} ${name}\n${isFull ? 'flush\n' : ''}`)) await drained(stdin);
        if (isFull) this.#wake();
      }
      if (given % questionsAtATime > 0) stdin.write('flush\n');
    } finally {
      this.#isAsking = false;
      this.#wake();
    }
  }

  /** Once it is known whether another answer is to come. */
  async #isOwed(): Promise<boolean> {
    while (this.#asked === this.#answered && this.#isAsking) {
      await new Promise<void>(resolve => (this.#wake = resolve));
    }
    return this.#asked > this.#answered;
  }

  async #answer(question: Question): Promise<Answer> {
    const line = await this.#reader.line();
    if (line === undefined) {
      await this.#git.ended;
      throw new Error('git cat-file ended before it had answered');
    }
    this.#answered += 1;
    const info = infoIn(line);
    if (info === undefined || question === 'info') return { info, bytes: undefined };
    const bytes = await this.#reader.take(info.sizeBytes);
    await this.#reader.take(1);
    return { info, bytes };
  }
}

/** `OID TYPE SIZE`, or something else for an object that is not to be had. */
function infoIn(line: string): ObjectInfo | undefined {
  const [, oid, type, size] = /^([0-9a-f]+) ([a-z]+) ([0-9]+)$/.exec(line) ?? [];
  return oid === undefined || type === undefined ? undefined : { oid, type, sizeBytes: Number(size) };
}
