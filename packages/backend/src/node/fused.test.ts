import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { distance, values } from '../../tests/engines.ts';
import { numbers, run as runTensors, withoutLeaks } from '../../tests/fused.ts';
import { composeDenseCrossEntropy } from '../fused/dense-cross-entropy.ts';
import { composedGru, composedGruGrad } from '../fused/gru.ts';
import { logisticMixture } from '../fused/logistic-mixture.ts';
import { composedLstm, composedLstmGrad } from '../fused/lstm.ts';
import { composeSparseCrossEntropy } from '../fused/sparse-cross-entropy.ts';
import { EngineError, useEngine } from '../index.ts';

const missing = await useEngine('node').then(
  () => null,
  (error: unknown) => {
    if (error instanceof EngineError) return error.message;
    throw error; // it is here and broken
  },
);

const run = <T = tf.Tensor[]>(name: string, inputs: object, attrs: object): T =>
  runTensors<T>(name, inputs as Record<string, tf.Tensor>, attrs);

const positive = (shape: number[], seed: number) => tf.tidy(() => tf.add(tf.abs(values(shape, seed)), 0.2));
/** Of a matrix that does not blow up what it is applied to again and again. */
const small = ([rows, columns]: [number, number], seed: number) =>
  tf.tidy(() => tf.div(values([rows, columns], seed), Math.sqrt(rows)));

const int = (from: number[]) => tf.tensor1d(from, 'int32');

/** Holds every output to that of the composed kernel on the same engine. */
function expectEqual(got: readonly tf.Tensor[], expected: readonly tf.Tensor[], tolerance = 1e-5): void {
  expect(got.map(({ shape, dtype }) => [shape, dtype])).toEqual(expected.map(({ shape, dtype }) => [shape, dtype]));
  for (const [i, tensor] of got.entries()) {
    expect(distance(numbers(tensor), numbers(expected[i]!)), `output ${i}`).toBeLessThan(tolerance);
  }
}

describe.skipIf(missing !== null)(`kernels in front of tfjs-node's${missing ? ` (skipped: ${missing})` : ''}`, () => {
  beforeAll(async () => {
    await useEngine('node');
  });
  afterAll(async () => {
    await useEngine('cpu');
  });

  // The largest takes more memory than the WebAssembly begins with.
  it.each([
    { batch: 2, steps: 3, units: 5, masked: true, backward: false },
    { batch: 3, steps: 1, units: 4, masked: false, backward: true },
    { batch: 16, steps: 40, units: 64, masked: true, backward: true },
  ])('LSTM and GRU with their gradients are the composed ones: %j', ({ batch, steps, units, masked, backward }) => {
    withoutLeaks(() =>
      tf.tidy(() => {
        const h = values([batch, units], 1);
        const mask = masked ? { mask: tf.cast(tf.greater(values([batch, steps], 2), -0.5), 'float32') } : {};
        const common = { h, ...mask };
        const lstm = {
          ...{ ...common, c: values([batch, units], 3) },
          ...{ projected: values([batch, steps, 4 * units], 4), recurrent: small([units, 4 * units], 5) },
        };
        const outputs = run<tf.Tensor[]>('ProjLstmSequence', lstm, { backward });
        // What a masked step saves for the gradient is nobody's.
        expectEqual(outputs.slice(0, 3), composedLstm(lstm, { backward }).slice(0, 3));
        const [states, , , gates, cells] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const d = { dStates: values(states.shape, 6), dLastH: values(h.shape, 7) };
        const lstmGrad = {
          ...{ recurrent: lstm.recurrent, c: lstm.c, states, cells, gates, ...common, ...d },
          ...{ dLastC: values(h.shape, 8) },
        };
        expectEqual(run('ProjLstmSequenceGrad', lstmGrad, { backward }), composedLstmGrad(lstmGrad, { backward }));

        for (const resetAfter of [true, false]) {
          const bias = resetAfter ? { recurrentBias: values([3 * units], 9) } : {};
          const gru = {
            ...{ ...common, ...bias, recurrent: small([units, 3 * units], 10) },
            projected: values([batch, steps, 3 * units], 11),
          };
          const attrs = { resetAfter, backward };
          const made = run<tf.Tensor[]>('ProjGruSequence', gru, attrs);
          expectEqual(made.slice(0, 2), composedGru(gru, attrs).slice(0, 2));
          const [states, , gates, inner] = made as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
          const gruGrad = { recurrent: gru.recurrent, states, gates, inner, ...common, ...d };
          expectEqual(run('ProjGruSequenceGrad', gruGrad, attrs), composedGruGrad(gruGrad, attrs));
        }
      }),
    );
  });

  it.each([1, 3])('the mixture of logistics is the composed one: %i channels', (channels) => {
    withoutLeaks(() =>
      tf.tidy(() => {
        const [pixels, components] = [6, 4];
        const inputs = {
          value: tf.round(tf.mul(tf.abs(values([2 * pixels, channels], 1)), 255)),
          logits: values([pixels, components], 2),
          loc: values([pixels, components, channels], 3),
          scale: positive([pixels, components, channels], 4),
          coefficients: values([pixels, components, (channels * (channels - 1)) / 2], 5),
        };
        for (const gradient of [true, false]) {
          const attrs = { low: 0, high: 255, gradient };
          expectEqual(run('ProjLogisticMixture', inputs, attrs), logisticMixture(inputs, attrs), 3e-5);
        }
      }),
    );
  });

  it.each([false, true])('the cross-entropies of labels are the composed ones: masked %s', (masked) => {
    withoutLeaks(() =>
      tf.tidy(() => {
        const [n, d, v] = [7, 5, 9];
        const labels = int([0, 8, 3, 3, masked ? 99 : 1, 7, 2]);
        const mask = tf.tensor1d([1, 1, 0.5, 2, masked ? 0 : 1, 1, masked ? 0 : 1]);
        const x = masked
          ? tf.concat([values([4, d], 1), tf.fill([1, d], Number.NaN), values([2, d], 2)])
          : values([n, d], 1);
        const dense = { x, kernel: values([d, v], 3), bias: values([v], 4), labels, weights: mask };
        const sparse = { logits: values([n, v], 5), labels, ...(masked ? { mask } : {}) };
        for (const gradient of [true, false]) {
          expectEqual(run('ProjDenseCrossEntropy', dense, { gradient }), composeDenseCrossEntropy(dense, { gradient }));
          expectEqual(
            run('ProjSparseCrossEntropy', sparse, { gradient }),
            composeSparseCrossEntropy(sparse, { gradient }),
          );
        }
        const bad = { ...sparse, labels: int([0, 1, 2, 9, 0, 0, 0]) };
        expect(() => run('ProjSparseCrossEntropy', bad, { gradient: false })).toThrow(/\[0, 9\), got 9 in row 3/);
      }),
    );
  });

  it('blocks of rows of the dense cross-entropy add up', () => {
    tf.tidy(() => {
      const [n, d, v] = [6, 3, 2 ** 20]; // four rows a block
      const dense = {
        ...{
          x: values([n, d], 1),
          kernel: values([d, v], 2),
          bias: tf.zeros([v]),
          labels: int([0, 9, 99, 999, v - 1, 5]),
        },
        weights: tf.tensor1d([1, 0, 2, 1, 1, 1]),
      };
      const attrs = { gradient: true };
      expectEqual(run('ProjDenseCrossEntropy', dense, attrs), composeDenseCrossEntropy(dense, attrs), 1e-4);
    });
  });

  it('the sparse product and its gradients are those of the dense matrix', () => {
    withoutLeaks(() =>
      tf.tidy(() => {
        const [indptr, indices, dense] = [int([0, 2, 2, 3]), int([0, 3, 1]), values([4, 2], 1)];
        const product = (by: tf.Tensor, x: tf.Tensor) =>
          run<tf.Tensor>('ProjSparseMatMul', { indptr, indices, values: by, dense: x }, { rows: 3, columns: 4 });
        const places = tf.tensor2d([0, 0, 0, 3, 2, 1], [3, 2], 'int32');
        const whole = (by: tf.Tensor, x: tf.Tensor) => tf.matMul(tf.scatterND(places, by, [3, 4]), x);
        const entries = tf.tensor1d([2, -1, 0.5]);
        expectEqual([product(entries, dense)], [whole(entries, dense)]);
        const dy = values([3, 2], 2);
        expectEqual(tf.grads(product)([entries, dense], dy), tf.grads(whole)([entries, dense], dy));
        const outside = { indptr, indices: int([0, 4, 1]), values: entries, dense };
        expect(() => run('ProjSparseMatMul', outside, { rows: 3, columns: 4 })).toThrow(/outside the sparse matrix/);
      }),
    );
  });

  it.each([
    { pad: [1, 0, 1, 1], strides: [1, 1] },
    { pad: [2, 1, 0, 3], strides: [2, 3] },
  ])(
    'gradients of a padded convolution are those of the padded image: %j',
    ({ pad: [top, bottom, left, right], strides }) => {
      withoutLeaks(() =>
        tf.tidy(() => {
          const x = values([2, 6, 7, 3], 1) as tf.Tensor4D;
          const filter = values([2, 3, 3, 4], 2) as tf.Tensor4D;
          const around: [number, number][] = [
            [0, 0],
            [top!, bottom!],
            [left!, right!],
            [0, 0],
          ];
          const stride = strides as [number, number];
          const direct = (a: tf.Tensor, b: tf.Tensor) =>
            tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, around as tf.backend_util.ExplicitPadding);
          const padded = (a: tf.Tensor, b: tf.Tensor) =>
            tf.conv2d(tf.pad(a as tf.Tensor4D, around), b as tf.Tensor4D, stride, 'valid');
          const dy = values(direct(x, filter).shape, 3);
          expectEqual(tf.grads(direct)([x, filter], dy), tf.grads(padded)([x, filter], dy));
        }),
      );
    },
  );

  it('step is 0 and 1, and NaN for NaN; split gives equal parts and others', () => {
    withoutLeaks(() =>
      tf.tidy(() => {
        const x = tf.tensor1d([-2, -0, 0, 1e-30, 3, Number.NaN]);
        expect(numbers(tf.step(x))).toEqual([0, 0, 0, 1, 1, Number.NaN]);
        expect(numbers(tf.step(x, 2))).toEqual([2, 2, 2, 1, 1, Number.NaN].map((y, i) => (i === 1 || i === 2 ? 2 : y)));
        const rows = tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8], [2, 4]);
        expect(tf.split(rows, 2, -1).map(numbers)).toEqual([
          [1, 2, 5, 6],
          [3, 4, 7, 8],
        ]);
        expect(tf.split(rows, [1, 3], 1).map(numbers)).toEqual([
          [1, 5],
          [2, 3, 4, 6, 7, 8],
        ]);
      }),
    );
  });

  it('reshapes by more shapes than it keeps, and refuses what does not fit', () => {
    withoutLeaks(() =>
      tf.tidy(() => {
        const x = tf.tensor1d([1, 2, 3, 4, 5, 6]);
        expect(tf.reshape(x, [3, -1]).shape).toEqual([3, 2]);
        expect(numbers(tf.reshape(x, [6]))).toEqual([1, 2, 3, 4, 5, 6]);
        expect(tf.reshape(tf.tensor1d([true, false], 'bool'), [2, 1]).dtype).toBe('bool');
        expect(() => tf.reshape(x, [4, 2])).toThrow();
        for (let n = 1; n <= 1100; n++) {
          const shape = tf.tidy(() => tf.reshape(tf.zeros([n]), [n, 1]).shape);
          if (shape[0] !== n) throw new Error(`got ${shape} for ${n}`);
        }
      }),
    );
  });

  describe('Adam', () => {
    const common = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7, learningRate: 0.01, gradientScale: 1, clipNorm: 0 };

    // At a rate of 1, so that 1 - beta2 of float32, 1.3e-5 off, shows where it is not corrected.
    it('takes the steps of the formula in float64, from the first', () => {
      withoutLeaks(() => {
        let [weight, m, v]: [tf.Tensor, tf.Tensor, tf.Tensor] = [tf.scalar(1), tf.scalar(0), tf.scalar(0)];
        const want = { weight: 1, m: 0, v: 0 };
        for (let t = 1; t <= 5; t++) {
          const g = Math.fround(Math.sin(3 * t) + 0.3);
          want.m = 0.9 * want.m + 0.1 * g;
          want.v = 0.999 * want.v + 0.001 * g * g;
          const [correction1, correction2] = [1 - 0.9 ** t, 1 - 0.999 ** t];
          want.weight -= 0.1 * want.weight + want.m / correction1 / (Math.sqrt(want.v / correction2) + 1e-7);
          const inputs = { weight0: weight, m0: m, v0: v, gradient0: tf.scalar(g) };
          const attrs = { ...common, learningRate: 1, weightDecay: [0.1], correction1, correction2 };
          const outputs = run<[tf.Tensor, tf.Tensor, tf.Tensor]>('ProjAdamAll', inputs, attrs);
          tf.dispose(inputs);
          [weight, m, v] = outputs;
          expect(Math.abs(numbers(weight)[0]! - want.weight)).toBeLessThan(2e-6);
        }
        expect(numbers(m)[0]! / want.m).toBeCloseTo(1, 6);
        expect(numbers(v)[0]! / want.v).toBeCloseTo(1, 4); // its beta2 is a float32
        tf.dispose([weight, m, v]);
      });
    });

    it('writes in no array that the program gave, and in place where it made the numbers itself', () => {
      withoutLeaks(() => {
        const given = new Float32Array(64).fill(1);
        let state: tf.Tensor[] = [tf.tensor1d(given), tf.zeros([64]), tf.zeros([64])];
        const gradient0 = tf.ones([64]);
        const attrs = { ...common, weightDecay: [0], correction1: 0.1, correction2: 0.001 };
        tf.dispose(tf.neg(state[0]!)); // it is TensorFlow's now, perhaps in the same memory
        for (let t = 0; t < 3; t++) {
          const [weight0, m0, v0] = state as [tf.Tensor, tf.Tensor, tf.Tensor];
          const inputs = { weight0, m0, v0, gradient0 };
          const next = run<tf.Tensor[]>('ProjAdamAll', inputs, attrs);
          tf.dispose(state);
          state = next;
        }
        expect(given).toEqual(new Float32Array(64).fill(1));
        expect(numbers(state[0]!)[0]).toBeLessThan(0.99);
        tf.dispose([state, gradient0]);
      });
    });

    it('an error in the middle costs no number: what was updated stays so, the rest is as it was', () => {
      withoutLeaks(() => {
        const attrs = { ...common, weightDecay: [0, 0], correction1: 0.1, correction2: 0.001 };
        const gradients = { gradient0: tf.tensor1d([1, -1]), gradient1: tf.tensor1d([1]) };
        const names = ['weight0', 'm0', 'v0', 'weight1', 'm1', 'v1'];
        const step = (state: tf.Tensor[]) =>
          run<tf.Tensor[]>(
            'ProjAdamAll',
            { ...Object.fromEntries(names.map((n, i) => [n, state[i]])), ...gradients },
            attrs,
          );
        const given = [
          tf.tensor1d([1, 2]),
          tf.zeros([2]),
          tf.zeros([2]),
          tf.tensor1d([3]),
          tf.zeros([1]),
          tf.zeros([1]),
        ];
        const first = step(given);
        const backend = tf.backend() as unknown as { binding: { executeOp(...args: unknown[]): unknown } };
        const { binding } = backend;
        let applied = 0;
        const executeOp = (...args: unknown[]) => {
          if (args[0] === 'ResourceApplyAdam' && ++applied === 2) throw new Error('OOM when allocating tensor');
          return binding.executeOp(...args);
        };
        backend.binding = Object.create(binding, { executeOp: { value: executeOp } });
        try {
          expect(() => step(first)).toThrow('OOM');
        } finally {
          backend.binding = binding;
        }
        expect(numbers(first[0]!)[0]).toBeLessThan(0.985); // two steps
        expect(numbers(first[3]!)[0]).toBeCloseTo(2.99, 6); // one
        tf.dispose([given, first, gradients]);
      });
    });

    it('leaves a clone of what it updates in place as it was', () => {
      withoutLeaks(() => {
        const attrs = { ...common, weightDecay: [0], correction1: 0.1, correction2: 0.001 };
        const gradient0 = tf.tensor1d([1, -1]);
        const step = ([weight0, m0, v0]: tf.Tensor[]) => {
          const outputs = run<tf.Tensor[]>('ProjAdamAll', { weight0, m0, v0, gradient0 }, attrs);
          tf.dispose([weight0, m0, v0]);
          return outputs;
        };
        const first = step([tf.tensor1d([1, 2]), tf.zeros([2]), tf.zeros([2])]);
        const kept = tf.clone(first[0]!);
        const second = step(first);
        expect(distance(numbers(kept), [0.99, 2.01])).toBeLessThan(1e-6);
        expect(numbers(second[0]!)[0]).toBeLessThan(0.985);
        tf.dispose([kept, gradient0, ...second]);
      });
    });
  });
});
