import { existsSync } from 'node:fs';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, chromium, chromiumArgs, interrupt, serve } from './page.ts';

const missing = existsSync(chromium) ? '' : `: skipped, no ${chromium} here`;

describe.skipIf(missing !== '')(`the page of tokun${missing}`, () => {
  let served: Awaited<ReturnType<typeof serve>>;
  let address: string;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  const foreign: string[] = [];

  const text = (id: string) => page.locator(`#${id}`).textContent();
  const noise = (sigma: number) => page.locator('#sigma').fill(String(sigma));
  const accuracy = async () => Number.parseFloat((await text('accuracy'))!);
  /** Types, and waits until the worker has answered. */
  const type = async (value: string, characters: number) => {
    await page.locator('#text').fill(value);
    await expect.poll(() => text('characters')).toBe(String(characters));
  };
  /** Colours of a strip. */
  const strip = (token: number) =>
    page.evaluate((i) => {
      const canvas = document.querySelectorAll<HTMLCanvasElement>('#tokens canvas')[i]!;
      return Array.from(canvas.getContext('2d')!.getImageData(0, 0, canvas.width, 1).data);
    }, token);
  const plane = () => page.evaluate(() => document.querySelector<HTMLCanvasElement>('#plane')!.toDataURL());

  beforeAll(async () => {
    build();
    served = await serve('--port', '4373');
    address = /http:\S+/.exec(served.line)![0];
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
    await page.getByRole('link', { name: 'tokun' }).click();
    await page.waitForURL(`${address}tokun.html`);
  });
  afterAll(async () => {
    await browser?.close();
    if (served) await interrupt(served.process);
  });

  it('opens from the other page, and reads its own text back on WASM', async () => {
    await expect.poll(() => text('accuracy'), { timeout: 30_000 }).toBe('100 %');
    expect(await text('engine')).toBe('wasm');
    expect(await text('params')).toBe('100,736');
    expect(await text('decoded')).toBe(await page.locator('#text').inputValue());
    expect(await page.locator('#decoded mark').count()).toBe(0);
  });

  it('shows what is typed: bytes, strips, plane and the text again', async () => {
    await type('né 😀', 4);
    await expect.poll(() => page.locator('#tokens li').count()).toBe(1);
    expect(await page.locator('#tokens .bytes').allTextContents()).toEqual([
      '00 00 00 6E',
      '00 00 00 E9',
      '00 00 00 20',
      '00 01 F6 00',
    ]);
    const one = await plane();
    await type('né 😀 привет, مرحبا 你好', 21);
    await expect.poll(() => page.locator('#tokens li').count()).toBe(6);
    await expect.poll(() => text('decoded')).toBe('né 😀 привет, مرحبا 你好');
    expect(await accuracy()).toBe(100);
    const [first, second] = [await strip(0), await strip(1)];
    expect(first).toHaveLength(4 * 64);
    expect(new Set(first).size).toBeGreaterThan(20); // not one colour
    expect(first).not.toEqual(second);
    expect(await plane()).not.toBe(one);
    await expect.poll(() => text('announcer')).toBe('100 % of 21 characters right.');
  });

  it('under noise characters go wrong and are marked; other noise, other characters', async () => {
    const [before, clean] = [await strip(0), await plane()];
    await noise(0.6);
    await expect.poll(accuracy).toBeLessThan(60);
    expect(await text('sigma-value')).toBe('0.60');
    expect(await page.locator('#decoded mark').count()).toBeGreaterThan(0);
    expect(await page.locator('#tokens li.wrong').count()).toBeGreaterThan(0);
    expect(await strip(0)).not.toEqual(before);
    expect(await plane()).not.toBe(clean);
    const decoded = await text('decoded');
    await page.getByRole('button', { name: 'Draw again' }).click();
    await expect.poll(() => text('decoded')).not.toBe(decoded);
    await noise(0);
    await expect.poll(accuracy).toBe(100);
    expect(await page.locator('#decoded mark').count()).toBe(0);
  });

  it('takes the empty text', async () => {
    await type('', 0);
    expect(await page.locator('#tokens li').count()).toBe(0);
    expect(await text('decoded')).toBe('');
    await type('x', 1);
    await expect.poll(() => text('decoded')).toBe('x');
  });

  it('answers the last of many changes', async () => {
    await page.locator('#text').fill('');
    await page.locator('#text').pressSequentially('The last key counts.');
    await expect.poll(() => text('decoded')).toBe('The last key counts.');
  });

  it('fits a phone without sideways scrolling', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await type('x'.repeat(280), 280);
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
