// Runs before the tests of each file: what its tests share for the time of the file.
import { afterAll } from '@jest/globals';
import { endThreads, shareThreads } from './support/real/shared-threads.ts';

shareThreads();
afterAll(endThreads);
