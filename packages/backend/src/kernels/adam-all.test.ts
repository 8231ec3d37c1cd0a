import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REFERENCE } from '../../tests/engines.ts';
import { useEngine } from '../index.ts';
import { canRun, type WasmBuild } from '../wasm/build.ts';

const builds = (['plain', 'fused'] as WasmBuild[]).filter(canRun);
const forms: [string, () => Promise<unknown>][] = [
  ['composed', () => useEngine('cpu')],
  ...builds.map((wasmBuild): [string, () => Promise<unknown>] => [wasmBuild, () => useEngine('wasm', { wasmBuild })]),
];

afterAll(async () => {
  await useEngine('cpu');
});

type Quantity = 'weight' | 'm' | 'v' | 'gradient';
type Numbers = Record<Quantity, Float32Array>;

const attrs = {
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-3,
  learningRate: 0.05,
  gradientScale: 1,
  clipNorm: 0,
  correction1: 1 - 0.9 ** 3,
  correction2: 1 - 0.99 ** 3,
};

/** Numbers of size about 1; v is positive. */
function numbers(size: number, seed: number, gradientSize = 1): Numbers {
  const wave = (k: number) =>
    Float32Array.from({ length: size }, (_, i) => 2 * Math.sin(1 + 12.9 * i + 78.2 * (seed + k)));
  return {
    weight: wave(0),
    m: wave(1),
    v: wave(2).map((x) => x * x),
    gradient: wave(3).map((x) => x * gradientSize),
  };
}

type AllAttrs = typeof attrs & { weightDecay: number[] };

const tensorsOf = (weights: readonly Numbers[], shapes: readonly number[][]): tf.NamedTensorMap =>
  Object.fromEntries(
    weights.flatMap((one, i) =>
      (Object.keys(one) as Quantity[]).map((name) => [`${name}${i}`, tf.tensor(one[name], shapes[i]!)]),
    ),
  );

const step = (inputs: tf.NamedTensorMap, all: AllAttrs) =>
  tf.engine().runKernel<tf.Tensor[]>('ProjAdamAll', inputs, all);

/** The formula in float64: weight, m, v, and how large the terms were that make up weight and m. */
function reference(weights: readonly Numbers[], all: AllAttrs) {
  const { beta1, beta2, epsilon, learningRate, weightDecay, gradientScale, clipNorm, correction1, correction2 } = all;
  const norm = gradientScale * Math.hypot(...weights.flatMap(({ gradient }) => [...gradient]));
  const scale = gradientScale * (clipNorm > 0 && norm > clipNorm ? clipNorm / norm : 1);
  const updated = weights.map(({ weight, m, v, gradient }, k) =>
    [...weight].map((w, i) => {
      const g = scale * gradient[i]!;
      const m1 = beta1 * m[i]! + (1 - beta1) * g;
      const v1 = beta2 * v[i]! + (1 - beta2) * g * g;
      const per = learningRate / correction1 / (Math.sqrt(v1 / correction2) + epsilon);
      const mTerms = Math.abs(beta1 * m[i]!) + Math.abs((1 - beta1) * g);
      return {
        w: w - learningRate * weightDecay[k]! * w - per * m1,
        m: m1,
        v: v1,
        mTerms,
        wTerms: Math.abs(w) + per * mTerms,
      };
    }),
  );
  return { norm, updated };
}

// A handful of float32 roundings, 6e-8 each, of numbers as large as the terms.
const TOLERANCE = 1e-6;
/** TensorFlow takes 1 - beta2 from beta2 in float32. */
const TOLERANCE_V = REFERENCE === 'node' ? 2e-6 : TOLERANCE;

function expectReference(outputs: readonly tf.Tensor[], weights: readonly Numbers[], all: AllAttrs): void {
  const { norm, updated } = reference(weights, all);
  const clips = all.clipNorm > 0;
  expect(outputs.length).toBe(3 * weights.length + (clips ? 1 : 0));
  if (clips) expect(Math.abs(outputs.at(-1)!.dataSync()[0]! - norm)).toBeLessThanOrEqual(TOLERANCE * norm);
  updated.forEach((elements, k) => {
    const [w, m, v] = outputs.slice(3 * k).map((tensor) => tensor.dataSync());
    expect([w!.length, m!.length, v!.length]).toEqual([elements.length, elements.length, elements.length]);
    elements.forEach((want, i) => {
      expect(Math.abs(v![i]! - want.v)).toBeLessThanOrEqual(TOLERANCE_V * want.v);
      expect(Math.abs(m![i]! - want.m)).toBeLessThanOrEqual(TOLERANCE * want.mTerms);
      expect(Math.abs(w![i]! - want.w)).toBeLessThanOrEqual(TOLERANCE * want.wTerms);
    });
  });
}

describe.each(forms)('ProjAdamAll, %s', (form, use) => {
  beforeAll(async () => {
    await use();
  });

  it('is the formula in float64, over shapes, scales, clipping and decay', () => {
    const axis = fc.oneof(fc.constantFrom(0, 1, 1027), fc.integer({ min: 2, max: 9 })); // 1,027 is no multiple of a vector
    const shape = fc.oneof<fc.Arbitrary<number[]>[]>(
      fc.constant([]),
      fc.tuple(axis),
      fc.tuple(fc.constantFrom(1, 3), axis),
    );
    const setting = fc.record({
      shapes: fc.array(shape, { maxLength: 4 }),
      gradientSize: fc.constantFrom(0, 1e-6, 1, 1e6),
      gradientScale: fc.constantFrom(1, 0.25),
      clip: fc.constantFrom(0, 0.3, 0.8, 1.5), // times the norm
      decay: fc.constantFrom(0, 0.1),
    });
    fc.assert(
      fc.property(setting, ({ shapes, gradientSize, gradientScale, clip, decay }) => {
        const weights = shapes.map((shape, i) => numbers(tf.util.sizeFromShape(shape), i, gradientSize));
        const weightDecay = shapes.map((_, i) => (i % 2) * decay);
        const { norm } = reference(weights, { ...attrs, gradientScale, weightDecay });
        const all = { ...attrs, gradientScale, clipNorm: clip * (norm || 1), weightDecay };
        const before = tf.memory();
        const inputs = tensorsOf(weights, shapes);
        const outputs = step(inputs, all);
        outputs.slice(0, 3 * shapes.length).forEach((tensor, i) => {
          expect(tensor.shape).toEqual(shapes[Math.floor(i / 3)]);
        });
        expectReference(outputs, weights, all);
        tf.dispose([inputs, outputs]);
        const { numTensors, numDataBuffers, numBytes } = tf.memory();
        expect({ numTensors, numDataBuffers, numBytes }).toEqual({
          numTensors: before.numTensors,
          numDataBuffers: before.numDataBuffers,
          numBytes: before.numBytes,
        });
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('changes nothing where it clips and a gradient is %d', (bad) => {
    const weights = [numbers(5, 1), numbers(6, 2)];
    weights[1]!.gradient[4] = bad;
    const all = { ...attrs, clipNorm: 1, weightDecay: [0.1, 0.1] };
    const inputs = tensorsOf(weights, [[5], [6]]);
    const outputs = step(inputs, all);
    expect(outputs.at(-1)!.dataSync()[0]).toBe(bad);
    const want = weights.flatMap(({ weight, m, v }) => [weight, m, v]);
    want.forEach((array, i) => {
      expect(outputs[i]!.dataSync()).toEqual(array);
    });
    tf.dispose(inputs);
    expect(outputs[0]!.dataSync()).toEqual(weights[0]!.weight); // outlives its input
    tf.dispose(outputs);
  });

  it('takes the largest gradients that its norm can hold', () => {
    const size = form === 'composed' ? 1e18 : 1e37; // composed, the squares are float32
    const weights = [numbers(9, 1, size)];
    const all = { ...attrs, clipNorm: 0.5, weightDecay: [0] };
    const inputs = tensorsOf(weights, [[3, 3]]);
    const outputs = step(inputs, all);
    expectReference(outputs, weights, all);
    tf.dispose([inputs, outputs]);
  });

  it('leaves the data of clones as they were', () => {
    const weights = [numbers(10, 1)];
    const inputs = tensorsOf(weights, [[10]]);
    const clones = ['weight0', 'm0', 'v0'].map((name) => tf.clone(inputs[name]!));
    const view = tf.reshape(inputs.gradient0!, [2, 5]);
    const all = { ...attrs, weightDecay: [0.1] };
    const outputs = step(inputs, all);
    expectReference(outputs, weights, all);
    const { weight, m, v, gradient } = weights[0]!;
    expect([...clones, view].map((clone) => clone.dataSync())).toEqual([weight, m, v, gradient]);
    tf.dispose([inputs, clones, view, outputs]);
  });

  it('reads a tensor that is several inputs as it was before the step', () => {
    const [a, b] = [numbers(7, 1), numbers(7, 2)];
    const inputs = tensorsOf([a, b], [[7], [7]]);
    tf.dispose([inputs.gradient0!, inputs.gradient1!]);
    const crossed = { ...inputs, gradient0: inputs.weight1!, gradient1: inputs.weight0! };
    const all = { ...attrs, weightDecay: [0, 0] };
    const outputs = step(crossed, all);
    expectReference(
      outputs,
      [
        { ...a, gradient: b.weight },
        { ...b, gradient: a.weight },
      ],
      all,
    );
    tf.dispose([crossed, outputs]);
  });

  it.each([
    [{ gradient0: () => tf.zeros([3]) }, 'weight0, m0, v0, gradient0 must have one shape, got [2],[2],[2],[3].'],
    [{ m0: () => tf.zeros([2], 'int32') }, 'm0 must be a float32 tensor, got int32.'],
    [{ v0: () => undefined }, 'v0 must be a float32 tensor, got none.'],
  ])('refuses %o', (wrong: Record<string, () => tf.Tensor | undefined>, message) => {
    tf.tidy(() => {
      const inputs = tensorsOf([numbers(2, 1)], [[2]]);
      for (const [name, make] of Object.entries(wrong)) inputs[name] = make() as tf.Tensor;
      expect(() => step(inputs, { ...attrs, weightDecay: [0] })).toThrow(`ProjAdamAll: ${message}`);
    });
  });
});

describe.each(builds)('ProjAdamAll in place, %s build', (wasmBuild) => {
  beforeAll(async () => {
    await useEngine('wasm', { wasmBuild });
  });

  it('takes no memory for weights and moments that no clone shares', () => {
    const inputs = tensorsOf([numbers(64, 1)], [[8, 8]]);
    const { numDataBuffers } = tf.memory();
    const outputs = step(inputs, { ...attrs, weightDecay: [0] });
    expect(outputs.map(({ dataId }) => dataId)).toEqual(['weight0', 'm0', 'v0'].map((name) => inputs[name]!.dataId));
    expect(tf.memory().numDataBuffers).toBe(numDataBuffers);
    tf.dispose([inputs, outputs]);
  });

  // XNNPACK packs the second matrix of a product, and a convolution's filter, and keeps that as long as it knows the data.
  it('lets products and convolutions see the new weights', () => {
    tf.tidy(() => {
      const product = numbers(64 * 64, 1);
      const filter = numbers(3 * 3 * 16 * 16, 2);
      const inputs = tensorsOf(
        [product, filter],
        [
          [64, 64],
          [3, 3, 16, 16],
        ],
      );
      const x = tf.ones([64, 64]) as tf.Tensor2D;
      const image = tf.ones([2, 16, 16, 16]) as tf.Tensor4D;
      const read = (w: tf.Tensor, f: tf.Tensor) => [
        tf.matMul(x, w).dataSync(),
        tf.conv2d(image, f as tf.Tensor4D, 1, 'same').dataSync(),
      ];
      const before = read(inputs.weight0!, inputs.weight1!);
      const [w, , , f] = step(inputs, { ...attrs, weightDecay: [0, 0] }) as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
      ];
      const after = read(w, f);
      const fresh = read(tf.tensor(w.dataSync(), w.shape), tf.tensor(f.dataSync(), f.shape));
      expect(after).toEqual(fresh);
      expect(after).not.toEqual(before);
    });
  });
});
