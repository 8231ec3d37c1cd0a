import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { assemble, everything, type Sizes } from '../../tests/causal-program.ts';
import { distance, values } from '../../tests/engines.ts';
import { numbers, PLACES, run, startPlace, withoutLeaks } from '../../tests/fused.ts';

const ATTRS = { temperature: 1, inputScale: 0.5, inputShift: -0.25, low: 0, high: 3, scaleFloor: 1e-3 };

interface Case extends Sizes {
  batch: number;
  n: number;
  m: number;
  temperature: number;
  known: boolean;
  seed: number;
}

const sizes: fc.Arbitrary<Case> = fc
  .record({
    height: fc.constantFrom(2, 4, 6),
    width: fc.constantFrom(2, 4, 6),
    channels: fc.integer({ min: 1, max: 3 }),
    head: fc.constantFrom('softmax' as const, 'logistics' as const),
    choices: fc.integer({ min: 1, max: 9 }),
    batch: fc.integer({ min: 1, max: 11 }),
    n: fc.constantFrom(1, 3, 8, 33),
    m: fc.constantFrom(2, 5, 12, 40),
    temperature: fc.constantFrom(0, 0.5, 1),
    known: fc.boolean(),
    seed: fc.nat(99),
  })
  .map((c) => ({ ...c, passes: c.head === 'softmax' ? c.channels : 1 }));

/** Uniform noise of a softmax's pixel, or of a component and logistic noise of channels: [B, H, W, D]. */
function noiseOf({ batch, height, width, head }: Case, depth: number, seed: number): tf.Tensor {
  const draws = tf.add(0.5, tf.mul(0.499, values([batch, height, width, depth], seed)));
  if (head === 'softmax') return draws;
  const [first, rest] = tf.split(draws, [1, depth - 1], 3) as [tf.Tensor, tf.Tensor];
  return tf.concat([first, tf.sub(tf.log(rest), tf.log(tf.sub(1, rest)))], 3);
}

/** Inputs of the kernel for one of everything. */
function inputsOf(c: Case): Record<string, tf.Tensor> {
  const { maps, operations, read } = everything(c, c.n, c.m);
  const { words, weights, stateSize, depth } = assemble(c, maps, operations, read, c.seed);
  const shape = [c.batch, c.height, c.width, c.channels];
  return {
    program: tf.tensor1d(words, 'int32'),
    weights,
    image: tf.cast(tf.greater(values(shape, c.seed + 3), 0), 'float32'),
    state: tf.zeros([c.batch, stateSize]),
    noise: noiseOf(c, depth, c.seed + 1),
    constants: values([c.batch, 1 + c.m], c.seed + 2),
    ...(c.known ? { known: tf.cast(tf.greater(values(shape, c.seed + 4), 0), 'float32') } : {}),
  };
}

/** Pixels from the first to the last in calls that end at `ends`: levels and the last state. */
function draw(c: Case, inputs: Record<string, tf.Tensor>, ends: readonly number[]): [number[], number[]] {
  let [image, state] = [tf.clone(inputs.image!), tf.clone(inputs.state!)];
  let from = 0;
  for (const to of ends) {
    const attrs = { ...ATTRS, temperature: c.temperature, from, to };
    [image, state] = run<[tf.Tensor, tf.Tensor]>('ProjCausalSampler', { ...inputs, image, state }, attrs);
    from = to;
  }
  return [numbers(image), numbers(state)];
}

describe.each(PLACES)('ProjCausalSampler, %s', (place) => {
  beforeEach(() => startPlace(place));

  // By hand: one layer, logits of levels 0 and 1 = [0, 2 left - 1] of the pixel to the left as the network sees it (level 0: -0.25,
  // 1: 0.25), so [0, -1.5] or [0, -0.5], and [0, -1] at the left edge. P(1) = 0.18243 after 0, 0.37754 after 1, 0.26894 at the edge.
  // A draw is 0 while u is below P(0).
  it('is what the definition says', () => {
    const c: Sizes = { height: 1, width: 3, channels: 1, passes: 1, head: 'softmax', choices: 2 };
    const maps = [{ channels: 1, rows: 1 }, { channels: 2 }];
    const { words, stateSize } = assemble(c, maps, [{ kind: 'matrix', out: 1, taps: [[0, 0, -1]], bias: true }], 1, 0);
    const cases: [number[], number[], number[]?][] = [
      [
        [0.72, 0.81, 0.82],
        [0, 0, 1],
      ],
      [
        [0.74, 0.62, 0.63],
        [1, 0, 0],
      ],
      [
        [0.74, 0.63, 0.61],
        [1, 1, 0],
      ],
      [
        [0.74, 0.99, 0.99],
        [0, 1, 1],
        [1, 0, 0],
      ], // the first is known to be 0
    ];
    for (const [u, expected, known] of cases) {
      withoutLeaks(() =>
        tf.tidy(() => {
          const inputs = {
            program: tf.tensor1d(words, 'int32'),
            weights: tf.tensor1d([0, 2, 0, 0, 0, 0, 0, 0, 0, -1]),
            image: tf.zeros([1, 1, 3, 1]),
            state: tf.zeros([1, stateSize]),
            noise: tf.tensor4d(u, [1, 1, 3, 1]),
            ...(known ? { known: tf.tensor4d(known, [1, 1, 3, 1]) } : {}),
          };
          const [image] = run<tf.Tensor[]>('ProjCausalSampler', inputs, { ...ATTRS, from: 0, to: 3 });
          expect(numbers(image!)).toEqual(expected);
        }),
      );
    }
  });

  // By hand: one component at location 0.2 and -0.3 + 0.5 (the first as seen), scale softplus(0) + 0.001 = 0.694147; levels 0 to 3
  // are seen as -0.25, 0.25, 0.75, 1.25, so the nearest level of v is floor(2 v + 1). Noise 0.3: v = 0.40824, level 1, seen 0.25;
  // then -0.3 + 0.125 + 0.694147 * 2 = 1.21329, level 3. At temperature 0: 0.2, level 1; -0.175, level 0.
  it('draws logistics channel after channel', () => {
    const c: Sizes = { height: 1, width: 1, channels: 2, passes: 1, head: 'logistics', choices: 1 };
    const maps = [{ channels: 2, rows: 1 }, { channels: 6 }];
    const { words, stateSize } = assemble(c, maps, [{ kind: 'matrix', out: 1, taps: [[0, 0, -1]], bias: true }], 1, 0);
    tf.tidy(() => {
      const bias = [0, 0.2, -0.3, 0, 0, 0.5];
      for (const [temperature, expected] of [
        [1, [1, 3]],
        [0, [1, 0]],
      ] as const) {
        // biome-ignore format: one row
        const inputs = {
          program: tf.tensor1d(words, 'int32'),
          weights: tf.tensor1d([...new Array(16).fill(0), ...bias]),
          image: tf.zeros([1, 1, 1, 2]),
          state: tf.zeros([1, stateSize]),
          noise: tf.tensor4d([0.5, 0.3, 2], [1, 1, 1, 3]),
        };
        const [image] = run<tf.Tensor[]>('ProjCausalSampler', inputs, { ...ATTRS, temperature, from: 0, to: 1 });
        expect(numbers(image!)).toEqual(expected);
      }
    });
  });

  it('draws the same whatever the calls are cut into, and spends only what nobody shares', () => {
    const c: Case = { height: 4, width: 4, channels: 1, passes: 1, head: 'softmax', choices: 4, batch: 3, n: 8, m: 12, temperature: 1, known: true, seed: 1 }; // biome-ignore format: one row
    withoutLeaks(() =>
      tf.tidy(() => {
        const inputs = inputsOf(c);
        const whole = draw(c, inputs, [16]);
        expect(draw(c, inputs, [4, 8, 12, 16])).toEqual(whole);
        expect(draw(c, inputs, [1, 7, 7, 16])).toEqual(whole);
        expect(new Set(whole[0]).size).toBeGreaterThan(1);
        expect(numbers(inputs.state!).every((v) => v === 0)).toBe(true); // a clone shares it
      }),
    );
  });

  it('refuses wrong shapes, ranges, temperatures and programs', () => {
    const c: Case = { height: 2, width: 2, channels: 1, passes: 1, head: 'softmax', choices: 2, batch: 1, n: 3, m: 2, temperature: 1, known: false, seed: 0 }; // biome-ignore format: one row
    tf.tidy(() => {
      const inputs = inputsOf(c);
      const attempt =
        (change: Record<string, tf.Tensor>, attrs: object = {}) =>
        () =>
          run('ProjCausalSampler', { ...inputs, ...change }, { ...ATTRS, from: 0, to: 4, ...attrs });
      expect(attempt({ state: tf.zeros([1, 3]) })).toThrow(/state must be \[1, \d+\], got .*\[1, 3\]/);
      expect(attempt({ noise: tf.zeros([1, 2, 2, 2]) })).toThrow(/noise must be \[1, 2, 2, 1\]/);
      expect(attempt({ image: tf.zeros([1, 2, 3, 1]) })).toThrow(/image must be \[1, 2, 2, 1\]/);
      expect(attempt({ weights: tf.zeros([inputs.weights!.size], 'int32') })).toThrow(/weights must be float32/);
      expect(attempt({}, { to: 5 })).toThrow(/pixels from 0 to 5 must be a range within 0 to 4/);
      expect(attempt({}, { temperature: -1 })).toThrow(/temperature must be 0 or more, got -1/);
      expect(attempt({ weights: tf.zeros([inputs.weights!.size - 1]) })).toThrow(/operation \d+ of the wrong kind/);
      const words = numbers(inputs.program!);
      // 6: value read; 12 + 3: where value 0 begins; 76: kind of the first operation; its output, its weights, its first tap.
      const operations = 12 + 4 * 16;
      for (const [at, word] of [
        [6, 99],
        [15, 10_000],
        [operations, 9],
        [operations + 1, -2],
        [operations + 8, 1e6],
        [operations + 10, 500],
        [0, 0],
        [8, 3],
      ] as const) {
        // biome-ignore format: one row
        const program = tf.tensor1d(
          words.map((old, i) => (i === at ? word : old)),
          'int32',
        );
        expect(attempt({ program })).toThrow(/ProjCausalSampler: program with/);
      }
    });
  });
});

describe.each(PLACES.filter((place) => place !== 'cpu'))('compiled, %s', (place) => {
  it('draws what the plain form draws and leaves the same state, for any sizes', async () => {
    const property = fc.asyncProperty(sizes, async (c) => {
      const ends = [c.width, c.height * c.width];
      await startPlace('cpu');
      const [levels, state] = tf.tidy(() => draw(c, inputsOf(c), ends) as never) as unknown as [number[], number[]];
      await startPlace(place);
      const [ours, ourState] = tf.tidy(() => draw(c, inputsOf(c), ends) as never) as unknown as [number[], number[]];
      expect(ours).toEqual(levels);
      expect(distance(ourState, state)).toBeLessThan(1e-5);
    });
    await fc.assert(property, { seed: 2, numRuns: 60 });
  });
});
