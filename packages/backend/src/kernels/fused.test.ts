import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { distance, on, startEngines, values } from '../../tests/engines.ts';
import { useEngine, wasmFallbacks } from '../index.ts';
import { canRun, type WasmBuild } from '../wasm/build.ts';

const builds = (['plain', 'fused'] as WasmBuild[]).filter(canRun);
const activations = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const;

type Shape4 = [number, number, number, number];

describe.each(builds)('%s', (wasmBuild) => {
  beforeAll(async () => {
    await startEngines();
    await useEngine('wasm', { wasmBuild });
  });

  async function same(f: () => tf.Tensor, tolerance = 1e-5): Promise<void> {
    const [got, expected] = [await on('wasm', f), await on('cpu', f)];
    expect(got.shape).toEqual(expected.shape);
    expect(distance(got.values, expected.values)).toBeLessThan(tolerance);
  }

  // Beyond one block of each kind: 96 rows, 256 deep, 256 or 512 columns; thin ones on every side.
  it.each([
    [200, 600, 530],
    [97, 257, 300],
    [1, 513, 1030],
    [2, 300, 1025],
    [7, 301, 1026],
    [5, 3, 1027],
    [300, 3, 70],
    [1030, 300, 3],
    [301, 515, 1],
    [6, 8, 8],
  ])('matMul %i x %i x %i, every transpose', async (m, k, n) => {
    for (const [ta, tb] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      await same(() => tf.matMul(values(ta ? [k, m] : [m, k], 1), values(tb ? [n, k] : [k, n], 2), ta, tb));
    }
  });

  it('matMul lets NaN and infinities into their row and column alone', async () => {
    for (const [m, k, n] of [
      [13, 21, 19],
      [2, 9, 11],
      [11, 9, 2],
      [11, 3, 9],
    ] as const) {
      const a = values([m, k], 1).bufferSync();
      const b = values([k, n], 2).bufferSync();
      a.set(Number.NaN, 1, 0);
      a.set(Number.POSITIVE_INFINITY, 0, k - 1);
      b.set(Number.NEGATIVE_INFINITY, 0, n - 1);
      const run = () => tf.matMul(tf.tensor(a.values, [m, k]), tf.tensor(b.values, [k, n]));
      const [got, expected] = [await on('wasm', run), await on('cpu', run)];
      for (const [i, value] of expected.values.entries()) {
        if (Number.isFinite(value)) expect(got.values[i]).toBeCloseTo(value, 4);
        else expect(got.values[i]).toBe(value);
      }
    }
  });

  const channels = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(15, 16, 17, 20, 32));
  const conv = fc
    .record({
      batch: fc.integer({ min: 1, max: 3 }),
      height: fc.integer({ min: 1, max: 11 }),
      width: fc.integer({ min: 1, max: 11 }),
      input: channels,
      output: channels,
      kernel: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
      strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      dilations: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      dilate: fc.boolean(),
      pad: fc.constantFrom<'same' | 'valid' | 1>('same', 'valid', 1),
    })
    .map((c) => {
      const x: Shape4 = [c.batch, c.height, c.width, c.input];
      const filter: Shape4 = [...c.kernel, c.input, c.output];
      const one: [number, number] = [1, 1];
      const attrs = c.dilate
        ? { strides: one, dilations: c.dilations, pad: c.pad }
        : { strides: c.strides, dilations: one, pad: c.pad };
      const info = tf.backend_util.computeConv2DInfo(x, filter, attrs.strides, attrs.dilations, attrs.pad);
      return { x, filter, dy: info.outShape as Shape4, ...attrs };
    })
    .filter(({ dy }) => dy[1] > 0 && dy[2] > 0);

  it('conv2d gives what the CPU engine gives: strides, dilations, paddings, channels', async () => {
    const property = fc.asyncProperty(conv, (c) =>
      same(() =>
        tf.conv2d(
          values(c.x, 1) as tf.Tensor4D,
          values(c.filter, 2) as tf.Tensor4D,
          c.strides,
          c.pad,
          'NHWC',
          c.dilations,
        ),
      ),
    );
    await fc.assert(property, { seed: 1, numRuns: 150 });
  });

  // Convolution is linear in each argument: <conv(x, w), dy> = <x, gradient by x> = <w, gradient by w>.
  it('the gradients of conv2d, dilated ones too, are the adjoints of the forward pass', async () => {
    const property = fc.asyncProperty(conv, async ({ x, filter, dy, ...attrs }) => {
      const dot = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(a, b));
      const run = (name: string, inputs: object, more: object) =>
        tf
          .engine()
          .runKernel(name, inputs as tf.NamedTensorMap, { ...attrs, ...more, dataFormat: 'NHWC' }) as tf.Tensor;
      const [xs, ws, slope] = [() => values(x, 1), () => values(filter, 2), () => values(dy, 3)];
      const forward = await on('cpu', () => dot(run('Conv2D', { x: xs(), filter: ws() }, {}), slope()));
      const byFilter = await on('wasm', () =>
        dot(run('Conv2DBackpropFilter', { x: xs(), dy: slope() }, { filterShape: filter }), ws()),
      );
      const byInput = await on('wasm', () =>
        dot(run('Conv2DBackpropInput', { dy: slope(), filter: ws() }, { inputShape: x }), xs()),
      );
      const scale = Math.sqrt(dy.reduce((a, b) => a * b, 1) * filter[0] * filter[1] * filter[2]);
      expect(Math.abs(byFilter.values[0]! - forward.values[0]!)).toBeLessThan(1e-5 * scale);
      expect(Math.abs(byInput.values[0]! - forward.values[0]!)).toBeLessThan(1e-5 * scale);
    });
    await fc.assert(property, { seed: 2, numRuns: 200 });
  });

  it.each([1, 5, 17])('filters with dead taps, %i channels: all that a mask leaves, and nothing', async (size) => {
    for (const live of [[], [0], [4], [8], [0, 1, 2, 3], [1, 7]]) {
      const filter = () => {
        const mask = Array.from({ length: 9 }, (_, tap) => Number(live.includes(tap)));
        return tf.mul(values([3, 3, size, 6], 1), tf.reshape(mask, [3, 3, 1, 1])) as tf.Tensor4D;
      };
      const x = () => values([2, 7, 5, size], 2) as tf.Tensor4D;
      await same(() => tf.conv2d(x(), filter(), 1, 'same'));
      const small = () => values([2, 4, 3, 6], 3) as tf.Tensor4D;
      await same(() => tf.conv2dTranspose(small(), filter(), [2, 7, 5, size], 2, 'same'));
    }
  });

  it.each(['Conv2DBackpropFilter', 'Conv2DBackpropInput'])('%s of many pixels and channels', async (kernel) => {
    const [x, filter]: [Shape4, Shape4] = [
      [2, 17, 13, 70],
      [3, 3, 70, 130],
    ];
    const dy = tf.backend_util.computeConv2DInfo(x, filter, 2, 1, 'same').outShape;
    const attrs = { strides: 2, pad: 'same', dataFormat: 'NHWC', filterShape: filter, inputShape: x };
    await same(() => {
      const other = kernel === 'Conv2DBackpropFilter' ? { x: values(x, 1) } : { filter: values(filter, 1) };
      const inputs = { ...other, dy: values(dy, 2) } as unknown as tf.NamedTensorMap;
      return tf.engine().runKernel(kernel, inputs, attrs as tf.NamedAttrMap) as tf.Tensor;
    });
  });

  it.each(activations)('fused matMul and conv2d with bias and %s', async (activation) => {
    const property = fc.asyncProperty(channels, channels, fc.constantFrom(1, 3), async (input, output, size) => {
      const more = () => ({
        bias: values([output], 3),
        activation,
        leakyreluAlpha: 0.3,
        ...(activation === 'prelu' ? { preluActivationWeights: values([output], 4) } : {}),
      });
      await same(() => tf.fused.matMul({ a: values([1, 9, input], 1), b: values([1, input, output], 2), ...more() }));
      await same(() =>
        tf.fused.conv2d({
          x: values([2, 7, 5, input], 1) as tf.Tensor4D,
          filter: values([size, size, input, output], 2) as tf.Tensor4D,
          strides: 1,
          pad: 'same',
          ...more(),
        }),
      );
    });
    await fc.assert(property, { seed: 3, numRuns: 15 });
  });

  it('takes every float: nothing fell back', () => {
    for (const kernel of [tf.BatchMatMul, tf._FusedMatMul, tf.Conv2D, tf.FusedConv2D, tf.Conv2DBackpropInput]) {
      expect(wasmFallbacks()[kernel] ?? 0).toBe(0);
    }
  });
});
