import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app, build, chromium, chromiumArgs, interrupt, serve } from './page.ts';

let served: Awaited<ReturnType<typeof serve>>;
let address: string;

beforeAll(async () => {
  build();
  served = await serve('--port', '4273');
  address = /http:\S+/.exec(served.line)![0];
});
afterAll(async () => {
  await interrupt(served.process);
});

describe('serve.mjs', () => {
  it('prints its address as one line, and serves there', async () => {
    expect(served.line).toMatch(/^Demo: http:\/\/127\.0\.0\.1:\d+\/$/);
    const answer = await fetch(address);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('<title>A VAE, learning</title>');
  });

  it('takes the next port if one is in use, and ends with 0 on Ctrl-C', async () => {
    const port = new URL(address).port;
    const second = await serve('--port', port);
    expect(second.line).toMatch(/^Demo: http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(new URL(second.line.slice('Demo: '.length)).port).not.toBe(port);
    expect(await interrupt(second.process)).toBe(0);
  });

  it.each([
    [['--port', 'http'], /^demo: --port must be a whole number from 1 to 65535, got 'http'\./],
    [['--prot', '80'], /^demo: Unknown option '--prot'\.\nusage: /],
  ])('%j is the user mistake it is', (args, message) => {
    const { status, stderr } = spawnSync(process.execPath, [join(app, 'serve.mjs'), ...args], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});

const browserMissing = !existsSync(chromium);

describe.skipIf(browserMissing)(browserMissing ? `the page: skipped, no ${chromium} here` : 'the page', () => {
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  const foreign: string[] = [];

  const text = (id: string) => page.locator(`#${id}`).textContent();
  const number = async (id: string) => Number((await text(id))!.replace(/,/g, '').replace('−', '-'));
  const pixels = () =>
    page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('#picture')!;
      return Array.from(canvas.getContext('2d')!.getImageData(0, 0, 28, 28).data);
    });
  const mostChange = (a: number[], b: number[]) => Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
  /** Waits until the picture differs from `before` in the brightness of some pixel by a quarter of the range. */
  const changed = (before: number[]) => expect.poll(async () => mostChange(before, await pixels())).toBeGreaterThan(64);
  /** The latest loss that the curve's label tells. */
  const loss = async () => {
    const label = await page.locator('#curve').getAttribute('aria-label');
    return Number(/(\d+) nats/.exec(label!)?.[1] ?? Number.NaN);
  };
  const pointAt = async (x: number, y: number) => {
    const box = (await page.locator('#plane').boundingBox())!;
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height);
  };

  beforeAll(async () => {
    browser = await playwright.launch({ executablePath: chromium, args: chromiumArgs });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(address)) foreign.push(request.url());
    });
    await page.goto(address);
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('trains on WASM: the loss falls from that of a coin for every pixel', async () => {
    await expect.poll(loss, { timeout: 30_000 }).toBeGreaterThan(0);
    const start = await loss();
    expect(await text('engine')).toBe('wasm');
    await expect.poll(() => number('epoch'), { timeout: 40_000 }).toBeGreaterThan(2);
    expect(await loss()).toBeLessThan(0.8 * start);
    expect(await number('elbo')).toBeGreaterThan((-784 * Math.log(2)) / 2);
    expect(await number('rate')).toBeGreaterThan(0);
  });

  it('decodes the point under the pointer while it trains', async () => {
    await pointAt(0.3, 0.5);
    await expect.poll(() => text('point')).toMatch(/^\(−1\.\d\d, \+0\.\d\d\)$/);
    await page.waitForTimeout(300);
    const left = await pixels();
    await pointAt(0.75, 0.5);
    await changed(left);
    expect(await text('train')).toBe('Pause');
  });

  it('pauses: the step stands still', async () => {
    await page.getByRole('button', { name: 'Pause' }).click();
    await expect.poll(() => text('train')).toBe('Train');
    await expect.poll(() => text('announcer')).toBe('Paused.');
    const step = await number('step');
    await page.waitForTimeout(500);
    expect(await number('step')).toBe(step);
  });

  it('moves the point with the arrow keys, with the focus to be seen', async () => {
    await page.keyboard.press('Tab'); // Reset
    await page.keyboard.press('Tab'); // Learning speed
    await page.keyboard.press('Tab');
    const plane = page.locator('#plane');
    expect(await plane.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await plane.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('solid');
    await page.keyboard.press('Home');
    await expect.poll(() => text('point')).toBe('(+0.00, +0.00)');
    await page.waitForTimeout(300);
    const centre = await pixels();
    for (let i = 0; i < 4; i += 1) await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => text('point')).toBe('(−2.00, +0.10)');
    await changed(centre);
    await expect.poll(() => text('announcer')).toMatch(/^Point \(−2\.00, \+0\.10\), nearest test digit: \d\.$/);
  });

  it('resets, and trains again', async () => {
    await page.getByRole('button', { name: 'Reset' }).click();
    await expect.poll(() => number('step')).toBe(0);
    expect(await text('train')).toBe('Train');
    await page.getByLabel('Learning speed').selectOption('Fast');
    await page.getByRole('button', { name: 'Train' }).click();
    await expect.poll(() => number('step'), { timeout: 20_000 }).toBeGreaterThan(5);
  });

  it('fits a phone without sideways scrolling', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    await expect.poll(overflow).toBeLessThanOrEqual(0);
    const box = (await page.locator('#plane').boundingBox())!;
    expect(box.width).toBeGreaterThan(300);
    expect(Math.abs(box.width - box.height)).toBeLessThan(1);
  });

  it('says nothing on the console and asks for nothing of others', () => {
    expect(complaints).toEqual([]);
    expect(foreign).toEqual([]);
  });
});
