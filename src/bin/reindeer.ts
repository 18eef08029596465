#!/usr/bin/env node
/** `npx reindeer`: says in words that this Node is too old, before a library says it in riddles. */
const oldest = 24;
const { node: found } = process.versions;
if (Number(found.split('.')[0]) < oldest) {
  process.stderr.write(`reindeer needs Node ${oldest} or newer, this is ${found}: put a newer one first on PATH\n`);
  process.exit(64);
}
// A static import would be loaded before the check.
await import('./cli.ts');
