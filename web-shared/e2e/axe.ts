// axe on the page as it stands: every rule of WCAG 2 A and AA and the best practices.
// Refuses to list what is known to be wrong: there is no allow-list.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import type { AxeResults, RunOptions } from 'axe-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** One line per violation; empty is what a test wants. */
export async function violations(page: Page, options: RunOptions = {}): Promise<string[]> {
  // Evaluated by the debugger, so the page's own policy stays as strict as it is.
  await page.evaluate(SOURCE);
  const results = await page.evaluate((given) => {
    const { axe } = window as unknown as {
      axe: { run: (root: Document, options: RunOptions) => Promise<AxeResults> };
    };
    return axe.run(document, given);
  }, options);
  return results.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${violation.help} – ${node.html.slice(0, 200)}`),
  );
}
