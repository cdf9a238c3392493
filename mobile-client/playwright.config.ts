// The phone's tests: pure parts and the app in the system's own Chromium, against the real server.
// Refuses retries: a test that passes the second time has not passed.

import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  testMatch: ['src/**/*.test.ts', 'e2e/**/*.test.ts'],
  outputDir: '../target/phone-tests',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  retries: 0,
  workers: 2,
  fullyParallel: true,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['line']],
});
