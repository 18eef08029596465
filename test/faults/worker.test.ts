import { playInTurn } from '../support/real/engine-faults.ts';
import { workerKilled } from './rows/f02-worker-killed.ts';
import { workerHalted } from './rows/f04-worker-halted.ts';
import { replyLostByWorker } from './rows/f11-reply-lost-by-worker.ts';
import { gitFaults } from './rows/f24-git-faults.ts';

/** Faults of the worker and of what lies between it, the engine and Git, on real components. */
playInTurn('a fault of the worker', [workerKilled, workerHalted, replyLostByWorker, gitFaults]);
