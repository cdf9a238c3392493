// The console's tests: pure parts, and the console in the system's own Chromium against the real server.
// Refuses retries: a test that passes the second time has not passed.

import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  testMatch: ['src/**/*.test.ts', 'e2e/**/*.test.ts'],
  outputDir: '../target/office-tests',
  timeout: 240_000,
  expect: { timeout: 20_000 },
  retries: 0,
  workers: 2,
  fullyParallel: false,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['line']],
});
