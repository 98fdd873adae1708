import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    maxWorkers: '100%',
    include: ['test/**/*.test.ts'],
    // The end-to-end tests run the bundle a user runs.
    globalSetup: ['test/cli/build.ts'],
    // These machines are shared: a slow start is no failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
