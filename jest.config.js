// One configuration for every suite; test/run.ts names the folder to run. Types are checked by tsc alone.
/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      'ts-jest',
      {
        tsconfig: {
          target: 'es2022',
          module: 'esnext',
          moduleResolution: 'bundler',
          isolatedModules: true,
          esModuleInterop: true,
          verbatimModuleSyntax: true,
          allowImportingTsExtensions: true,
          // jest resolves the .ts files themselves; nothing is compiled beside them.
          rewriteRelativeImportExtensions: false,
          noEmit: true,
          skipLibCheck: true,
        },
        diagnostics: false,
        useESM: true,
      },
    ],
  },
  // Ends what hangs; how fast anything is, the bench says. On a bed tests wait for real parts, and a busy machine is slow.
  testTimeout: 60_000,
  errorOnDeprecated: true,
  restoreMocks: true,
};
