/** Programs of the image. Each is imported only when it is asked for: a worker never loads the operator's code. */
const programs = ['operator', 'worker', 'cli'] as const;

const [node = '', main = '', program = '', ...rest] = process.argv;
if (!programs.some(known => known === program)) {
  process.stderr.write(`the first argument names the program: ${programs.join(', ')}; found "${program}"\n`);
  process.exit(64);
}
// The program reads its arguments as if it had been started by its own file.
process.argv = [node, main, ...rest];
await import(`./${program}.ts`);
