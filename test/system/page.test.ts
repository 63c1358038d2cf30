import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectSites, createSampleIssues } from '../../infra/local/opening.ts';
import { startStack } from '../../infra/local/stack.ts';
import type { Stack } from '../../infra/local/stack.ts';

/** Debian's browser. Elsewhere the suite says why it was skipped. */
const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const hasBrowser = existsSync(CHROMIUM);
if (!hasBrowser) console.log(`the page's suite is skipped: there is no ${CHROMIUM}`);

describe.skipIf(!hasBrowser)('the local page', { timeout: 90_000 }, () => {
  let stack: Stack;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    stack = await startStack({ port: 0, backend: 'memory' });
    for (const site of stack.sites) await stack.install(site.name);
    await connectSites(stack);
    await createSampleIssues(stack, 5);
    await stack.settled(60_000);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    page = await browser.newPage({ viewport: { width: 1500, height: 1000 } });
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    page.on('pageerror', (error) => {
      errors.push(error.message);
    });
    await page.goto(stack.address);
    await page.getByRole('region', { name: 'Site alpha' }).waitFor();
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });

  const site = (name: string) => page.getByRole('region', { name: `Site ${name}` });

  test('shows both sites side by side with their twins', async () => {
    await expect.poll(() => site('alpha').locator('.row').count()).toBe(5);
    await expect.poll(() => site('beta').locator('.row').count()).toBe(5);
    await expect.poll(() => site('alpha').getByText('⇄ BETA-').count()).toBe(5);
  });

  test('a summary edited on one side arrives on the other, and the timeline tells of it', async () => {
    const row = site('alpha').locator('.row').first();
    await row.locator('.line').click();
    const summary = row.getByLabel('Summary');
    await summary.fill('Edited in the browser');
    await summary.press('Enter');
    await summary.blur();
    await site('beta').getByText('Edited in the browser').waitFor();
    await expect
      .poll(() => page.getByRole('region', { name: 'Timeline' }).getByText('editIssue').count())
      .toBeGreaterThan(0);
  });

  test('a comment written on the other side comes back', async () => {
    const row = site('beta').locator('.row', { hasText: 'Edited in the browser' });
    await row.locator('.line').click();
    await row.getByLabel('New comment').fill('Said in the browser');
    await row.getByRole('button', { name: 'Comment', exact: true }).click();
    await site('alpha').getByText('Said in the browser').waitFor();
  });

  test('uninstalling, 120 days and the sweep leave a receipt', async () => {
    await page.getByRole('button', { name: 'Uninstall alpha' }).click();
    await page.getByRole('button', { name: 'Re-install alpha' }).waitFor();
    await page.getByRole('button', { name: '+120 d' }).click();
    for (let tick = 0; tick < 12; tick += 1) {
      await page.getByRole('button', { name: 'Run the sweep' }).click();
      await page.waitForTimeout(300);
      stack.clock.advance(120_000);
      if ((await page.getByText('signature valid').count()) > 0) break;
    }
    await page.getByText('signature valid').waitFor();
    await expect
      .poll(() =>
        page.getByRole('region', { name: 'Stored data' }).locator('tr', { hasText: 'twin' }).locator('b').textContent(),
      )
      .toBe('0');
  });

  test('nothing went wrong in the browser, and the judge has found nothing', () => {
    expect(errors).toEqual([]);
    expect(stack.jira.violations()).toEqual([]);
  });
});
