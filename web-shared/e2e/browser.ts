// The system's own Chromium, with a camera and a place that the test decides.
// Refuses to download a browser: Debian's package `chromium` is used, or what MINHCHUNG_CHROMIUM names.

import { existsSync } from 'node:fs';
import { type BrowserContext, type BrowserContextOptions, chromium } from '@playwright/test';

export function chromiumPath(): string {
  const wanted = process.env['MINHCHUNG_CHROMIUM'];
  const path = [wanted, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (candidate) => candidate !== undefined && existsSync(candidate),
  );
  if (path === undefined)
    throw new Error('no Chromium: install the Debian package chromium, or set MINHCHUNG_CHROMIUM');
  return path;
}

/** No sandbox, because tests also run as root; a camera that draws, and no dialog for it. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--disable-dev-shm-usage',
];

export const PHONE_VIEW = {
  viewport: { width: 360, height: 640 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
} as const;

/** A browser with a profile directory that outlives it: close it, kill it, and open the same phone again. */
export function openProfile(
  profile: string,
  options: BrowserContextOptions & { args?: readonly string[] } = {},
): Promise<BrowserContext> {
  const { args = [], ...context } = options;
  return chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    headless: true,
    args: [...CHROMIUM_FLAGS, ...args],
    locale: 'vi-VN',
    timezoneId: 'Asia/Ho_Chi_Minh',
    ...context,
  });
}
