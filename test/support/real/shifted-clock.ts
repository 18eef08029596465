import { readFileSync } from 'node:fs';

/**
 * Loaded into a program with `--import`: its wall clock then stands beside this machine's by as many milliseconds as the
 * file says that REINDEER_TEST_CLOCK names. Timers and performance.now() go on as they are, as when a clock is set or a
 * virtual machine was paused.
 */
const file = process.env['REINDEER_TEST_CLOCK'];
const RealDate = Date;

function shiftMs(): number {
  try {
    return file === undefined ? 0 : Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: ConstructorParameters<DateConstructor> | []) =>
    args.length === 0 ? new target(target.now() + shiftMs()) : new target(...args),
  get: (target, name) => (name === 'now' ? () => target.now() + shiftMs() : (Reflect.get(target, name) as unknown)),
});
