import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustRoutes } from '../../functions/console/trust.ts';
import { httpEdge } from '../../functions/edge.ts';
import type { FrameworkResponse } from '../../functions/edge.ts';
import { documentIds } from '../../shared/evidence/documents/document.ts';
import { paths } from '../../shared/evidence/documents/paths.ts';
import { consoleSettings } from '../kit/consoleSettings.ts';

/** Debian's browser. Elsewhere the suite says why it was skipped. */
const CHROMIUM = '/usr/bin/chromium';
const hasBrowser = existsSync(CHROMIUM);
if (!hasBrowser) console.log(`the suite of the public documents is skipped: there is no ${CHROMIUM}`);

const pages = [paths.index, ...documentIds.map((id) => paths[id]), paths.contact, paths.archive, `${paths.archive}/1`];
const windows = [
  ['a phone', { width: 360, height: 740 }],
  ['a desk', { width: 1280, height: 900 }],
] as const;

describe.skipIf(!hasBrowser)('the public documents in a browser', { timeout: 90_000 }, () => {
  let server: Server;
  let browser: Browser;
  let base: string;

  beforeAll(async () => {
    const quiet = { clock: { now: () => 0 }, log: { work: () => undefined, fault: () => undefined }, doors: {} };
    const edge = httpEdge('console', quiet as never, trustRoutes(consoleSettings));
    server = createServer((request, response) => {
      const answer: FrameworkResponse = {
        status(code) {
          response.statusCode = code;
          return this;
        },
        set(headers) {
          for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
          return this;
        },
        send: (body) => response.end(body),
      };
      void edge({ method: 'GET', originalUrl: request.url ?? '', headers: {} }, answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    });
  });

  afterAll(async () => {
    await browser.close();
    await new Promise((resolve) => server.close(resolve));
  });

  test.each(windows)(
    'P9 fit %s, ask nobody else for anything, and break no rule of their own policy',
    async (_name, viewport) => {
      // Nothing needs a script: what a page shows, it shows without any.
      const context = await browser.newContext({ viewport, javaScriptEnabled: true });
      const page = await context.newPage();
      const errors: string[] = [];
      const asked: string[] = [];
      page.on('console', (message) => void errors.push(message.text()));
      page.on('request', (request) => void asked.push(request.url()));
      for (const path of pages) {
        await page.goto(base + path);
        const wide = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(wide, `${path} is wider than the window`).toBeLessThanOrEqual(0);
        expect(await page.locator('h1').count(), path).toBe(1);
        expect(await page.evaluate(() => document.cookie), path).toBe('');
      }
      expect(errors).toEqual([]);
      expect(asked.filter((url) => !url.startsWith(`${base}/trust`) && !url.endsWith('/favicon.ico'))).toEqual([]);
      await context.close();
    },
  );

  test('P9 read in the dark as well as in the light, with enough contrast', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ colorScheme });
      await page.goto(base + paths.statement);
      const colours = await page.evaluate(() =>
        ['body', '.lead', 'a', 'th', 'footer'].map((selector) => {
          const is = getComputedStyle(document.querySelector(selector) ?? document.body);
          return [is.color, getComputedStyle(document.body).backgroundColor] as const;
        }),
      );
      for (const [front, back] of colours)
        expect(contrast(front, back), `${colorScheme} ${front}`).toBeGreaterThan(4.5);
      await page.close();
    }
  });

  test('P9 every field can be unfolded without any script', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(base + paths.statement);
    const fold = page.locator('details', { hasText: '(tenant)' });
    await fold.locator('summary').click();
    expect(await fold.getByText('serviceEntitlementNumber').isVisible()).toBe(true);
    await context.close();
  });
});

/** The contrast of two colours. @see WCAG 2.2, 1.4.3 */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [...colour.matchAll(/\d+/g)].map(([value]) => {
    const part = Number(value) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
