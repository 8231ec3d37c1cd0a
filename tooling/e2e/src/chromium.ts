import { join } from 'node:path';
import { chromium as playwright } from 'playwright';

export const chromium = '/usr/bin/chromium';

/** Quiet, without a sandbox (tests run as root) and with nothing that looks for the network. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Opens the page of a built folder and returns what it logs, up to the line that matches `last`. The browser gets the
 * folder's files from here, and nothing else.
 *
 * @throws Error if the page throws, or if it has not logged that line after `timeout` ms.
 */
export async function runPage(folder: string, last: RegExp, timeout = 120_000): Promise<string> {
  const browser = await playwright.launch({ executablePath: chromium, args });
  let timer: NodeJS.Timeout | undefined;
  try {
    const page = await browser.newPage();
    await page.route('**', (route) => {
      const { host, pathname } = new URL(route.request().url());
      if (host !== 'page.test') return route.abort();
      return route.fulfill({ path: join(folder, pathname === '/' ? 'index.html' : pathname) });
    });
    let printed = '';
    const done = new Promise<string>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`The page logged no ${last} in ${timeout} ms, but:\n${printed}`)),
        timeout,
      );
      page.on('pageerror', reject);
      page.on('console', (message) => {
        if (message.type() !== 'log') return;
        printed += `${message.text()}\n`;
        if (last.test(message.text())) resolve(printed);
      });
    });
    await Promise.all([page.goto('http://page.test/', { timeout }), done]);
    return await done;
  } finally {
    clearTimeout(timer);
    await browser.close();
  }
}
