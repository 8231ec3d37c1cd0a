import { deflateSync, zlibSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { inflateWithin } from './inflate.ts';

const data = Uint8Array.from({ length: 50_000 }, (_, i) => (i * i * 2654435761) >>> 27);

describe('inflateWithin', () => {
  it('unpacks both forms', () => {
    expect(inflateWithin(zlibSync(data), data.length, 'zlib')).toEqual(data);
    expect(inflateWithin(deflateSync(data), data.length, 'raw')).toEqual(data);
    expect(inflateWithin(deflateSync(new Uint8Array(0)), 0, 'raw')).toEqual(new Uint8Array(0));
  });

  it('refuses less and more than there should be', () => {
    expect(() => inflateWithin(zlibSync(data), data.length + 1, 'zlib')).toThrow('50000 of 50001 bytes');
    expect(() => inflateWithin(zlibSync(data), data.length - 1, 'zlib')).toThrow('more than the 49999 bytes');
    expect(() => inflateWithin(zlibSync(data).subarray(0, 900), data.length, 'zlib')).toThrow();
    expect(() => inflateWithin(data, 10, 'zlib')).toThrow();
  });

  it('stops a bomb early: 50 MB in 50 kB', () => {
    const bomb = deflateSync(new Uint8Array(50_000_000));
    expect(bomb.length).toBeLessThan(60_000);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => inflateWithin(bomb, 1000, 'raw')).toThrow('more than the 1000 bytes');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });
});
