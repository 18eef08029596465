import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** This build's version, as package.json says it; the same relative place in `src` and in `dist`. */
export const reindeerVersion: string = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))).version;
