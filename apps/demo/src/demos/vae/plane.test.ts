import fc from 'fast-check';
import { expect, it } from 'vitest';
import { between, extent, moved, nearestCode, signed, toLatent, toPixels } from './plane.ts';

it('x grows to the right and y upwards', () => {
  expect(toPixels({ x: 0, y: 0 }, 400)).toEqual({ x: 200, y: 200 });
  expect(toPixels({ x: extent, y: extent }, 400)).toEqual({ x: 400, y: 0 });
  expect(toLatent({ x: 0, y: 400 }, 400)).toEqual({ x: -extent, y: -extent });
});

it('pixels and latent coordinates are inverses', () => {
  const coordinate = fc.double({ min: -extent, max: extent, noNaN: true });
  const property = fc.property(coordinate, coordinate, fc.integer({ min: 50, max: 2000 }), (x, y, size) => {
    const back = toLatent(toPixels({ x, y }, size), size);
    expect(back.x).toBeCloseTo(x, 9);
    expect(back.y).toBeCloseTo(y, 9);
  });
  fc.assert(property, { seed: 1 });
});

it('a pointer dragged out of the square stays on its edge', () => {
  expect(toLatent({ x: -30, y: 900 }, 400)).toEqual({ x: -extent, y: -extent });
});

it.each([
  ['ArrowLeft', false, { x: 0.9, y: 2 }],
  ['ArrowRight', false, { x: 1.1, y: 2 }],
  ['ArrowUp', false, { x: 1, y: 2.1 }],
  ['ArrowDown', false, { x: 1, y: 1.9 }],
  ['ArrowDown', true, { x: 1, y: 1.5 }],
  ['Home', false, { x: 0, y: 0 }],
])('%s (shift: %s) moves the point', (key, shift, target) => {
  expect(moved({ x: 1, y: 2 }, key, shift)).toEqual(target);
});

it('other keys are left to the browser', () => {
  expect(moved({ x: 1, y: 2 }, 'Tab')).toBeUndefined();
});

it('arrows stop at the edge and do not drift', () => {
  let point = { x: 0, y: 0 };
  for (let i = 0; i < 100; i += 1) point = moved(point, 'ArrowRight')!;
  expect(point).toEqual({ x: extent, y: 0 });
  for (let i = 0; i < 40; i += 1) point = moved(point, 'ArrowLeft')!;
  expect(point).toEqual({ x: 0, y: 0 });
});

it('nearestCode', () => {
  const codes = Float32Array.from([0, 0, 3, 3, -2, 1]);
  expect(nearestCode({ x: 0.4, y: -1 }, codes)).toBe(0);
  expect(nearestCode({ x: 4, y: 2 }, codes)).toBe(1);
  expect(nearestCode({ x: -2, y: 1 }, codes)).toBe(2);
  expect(nearestCode({ x: 0, y: 0 }, new Float32Array())).toBeUndefined();
});

it('between goes from one set of codes to the next', () => {
  const from = Float32Array.from([0, 2]);
  const to = Float32Array.from([4, 2]);
  expect([...between(from, to, 0)]).toEqual([0, 2]);
  expect([...between(from, to, 0.25)]).toEqual([1, 2]);
  expect([...between(from, to, 1)]).toEqual([4, 2]);
  expect(between(new Float32Array(), to, 0.5)).toBe(to); // nothing to come from
});

it.each([
  [0.5, '+0.50'],
  [-1.234, '−1.23'],
  [-0.001, '+0.00'],
])('signed(%f)', (value, text) => {
  expect(signed(value)).toBe(text);
});
