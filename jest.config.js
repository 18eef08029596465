// One configuration for every suite; test/run.ts names the folder to run. Types are checked by tsc alone.
/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: { '\\.ts$': '<rootDir>/test/strip-types.ts' },
  // Ends what hangs; how fast anything is, the bench says. On a bed tests wait for real parts, and a busy machine is slow.
  testTimeout: 60_000,
  setupFilesAfterEnv: ['<rootDir>/test/each-file.ts'],
  errorOnDeprecated: true,
  restoreMocks: true,
};
