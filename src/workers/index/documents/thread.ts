import { parentPort } from 'node:worker_threads';
import { cutByLines } from '../syntax/cut.ts';
import { grammarFor } from '../syntax/grammar-choice.ts';
import { SyntaxParser } from '../syntax/parser.ts';
import { fileDocuments, plainDocuments, textOf, type FileDocuments } from './documents.ts';
import { packed } from './packing.ts';
import type { ThreadAnswer, ThreadTask } from './thread-message.ts';

/** The program of a thread: files in, the operations of their documents out, one after another. */

let parser: SyntaxParser | undefined;

async function documentsOf({ context, entry, bytes }: ThreadTask): Promise<FileDocuments> {
  const buffer = Buffer.from(bytes.buffer);
  const found = textOf(entry.filePath, buffer);
  const grammar = found.is === 'text' ? grammarFor(entry.filePath, found.text, found.language.language) : undefined;
  if (found.is === 'skipped' || grammar === undefined) return plainDocuments(context, entry, buffer);
  parser ??= await SyntaxParser.start();
  const cut = (await parser.cut(grammar, found.text)) ?? cutByLines(found.text);
  return fileDocuments(context, entry, { ...found, size: buffer.length, cut });
}

async function answer(task: ThreadTask): Promise<ThreadAnswer> {
  try {
    const documents = packed(await documentsOf(task));
    return { is: 'made', documents, memoryBytes: parser?.memoryBytes ?? 0 };
  } catch (error) {
    const message = `${task.entry.filePath}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    // Deeply nested text exhausts the stack, on either side of the border.
    const isTrap = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
    return { is: isTrap ? 'trapped' : 'failed', message };
  }
}

let before: Promise<unknown> = Promise.resolve();
parentPort?.on('message', (task: ThreadTask) => {
  before = before.then(async () => {
    const answered = await answer(task);
    const moved = answered.is === 'made' ? [answered.documents.bytes.buffer] : [];
    parentPort?.postMessage(answered, moved);
  });
});
