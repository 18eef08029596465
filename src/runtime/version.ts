import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { z } from 'zod';

/** This build's version, as the package.json above this file says it: in `src` and in `dist` alike. */
export const reindeerVersion: string = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(findPackageJSON('..', import.meta.url) ?? '', 'utf8'))).version;
