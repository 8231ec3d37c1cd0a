import fc from 'fast-check';
import { type Case, magnitude, number, param } from '../case.ts';
import type { Spec } from '../spec.ts';

const quantized = (loc: unknown, scale: unknown, bounds: { low?: number; high?: number } = {}): Spec => ({
  distribution: 'Quantized',
  params: { base: { distribution: 'Normal', params: { loc, scale } }, ...bounds },
});
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => [from + i]);
const bounds = fc.constantFrom({}, { low: -2 }, { high: 3 }, { low: 0, high: 255 });

export const quantizedCase: Case = {
  family: 'Quantized',
  examples: [
    quantized(0.5, 1.5),
    quantized([[-1], [2.25]], [0.5, 1, 4], { low: -2, high: 3 }),
    quantized(1, 2, { low: 0 }),
  ],
  lighter: [
    quantized(0.25, 1.25),
    quantized([[-1], [2.25]], [0.375, 0.75, 3], { low: -2, high: 3 }),
    quantized(0.75, 1.5, { low: 0 }),
  ],
  ordinary: fc
    .tuple(param(number(-3, 3)), param(number(0.25, 4)), bounds)
    .map(([loc, scale, b]) => quantized(loc, scale, b)),
  extreme: fc.tuple(number(-1e6, 1e6), magnitude(-3, 6), bounds).map(([loc, scale, b]) => quantized(loc, scale, b)),
  value: ({ params: { low = -300, high = 300 } }, size) =>
    fc.array(fc.integer({ min: low as number, max: high as number }), { minLength: size, maxLength: size }),
  outside: ({ params: { low, high } }) =>
    [low, high].flatMap((b, i) => (b === undefined ? [] : [[(b as number) + 2 * i - 1]])),
  enumerate: ({ params: { low = -9, high = 15 } }) => range(low as number, high as number),
  invalid: [
    { spec: quantized(0, [1, 0]), message: /^Normal: parameter scale of shape \[2\] must be positive, got 0 at \[1\]/ },
  ],
  undefined: ['entropy', 'mean', 'mode', 'variance', 'stddev', 'covariance', 'klDivergence', 'crossEntropy'],
  reparameterized: false,
};
