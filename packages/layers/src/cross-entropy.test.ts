import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withKernel } from '../tests/with-kernel.ts';
import { denseCrossEntropy, sparseCrossEntropy } from './cross-entropy.ts';

const ints = (numbers: number[], shape = [numbers.length]) => tf.tensor(numbers, shape, 'int32');
const numbers = (t: tf.Tensor): number[] => Array.from(t.dataSync());

/** log(sum of e^l) - l[label] and its gradient, in float64. */
function reference(logits: number[], label: number): [loss: number, gradient: number[]] {
  const top = Math.max(...logits);
  const sum = logits.reduce((total, l) => total + Math.exp(l - top), 0);
  const gradient = logits.map((l, j) => Math.exp(l - top) / sum - Number(j === label));
  return [Math.log(sum) + top - logits[label]!, gradient];
}

const close = (got: number[], expected: number[], room = 1e-6) => {
  expect(got.length).toBe(expected.length);
  for (const [i, value] of expected.entries())
    expect(Math.abs(got[i]! - value)).toBeLessThan(room * (1 + Math.abs(value)));
};

// Golden: scipy 1.17.1, -scipy.special.log_softmax([1.5, -0.25, 3, 0])[[2, 0]], float64.
it('is minus the log of the softmax at the label, for any leading axes', () => {
  tf.tidy(() => {
    const logits = tf.tensor3d([1.5, -0.25, 3, 0, 1.5, -0.25, 3, 0], [2, 1, 4]);
    const losses = sparseCrossEntropy(logits, ints([2, 0], [2, 1]));
    expect(losses.shape).toEqual([2, 1]);
    close(numbers(losses), [0.2713174771510472, 1.7713174771510471]);
    expect(sparseCrossEntropy(tf.tensor1d([1.5, -0.25, 3, 0]), ints([0], [])).shape).toEqual([]);
  });
});

it('has value and gradient of the formula in float64, leaves masked positions out, and no tensor behind', () => {
  const row = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 4, maxLength: 4 });
  const property = fc.property(
    fc.array(fc.tuple(row, fc.nat(3), fc.boolean()), { minLength: 1, maxLength: 6 }),
    (rows) => {
      const before = tf.memory().numTensors;
      tf.tidy(() => {
        const logits = tf.tensor2d(rows.map(([l]) => l));
        const labels = ints(rows.map(([, label, live]) => (live ? label : -1)));
        const mask = tf.tensor1d(
          rows.map(([, , live]) => live),
          'bool',
        );
        const given = numbers(logits);
        const expected = rows.map(([, label, live], i): [number, number[]] =>
          live ? reference(given.slice(4 * i, 4 * i + 4), label) : [0, [0, 0, 0, 0]],
        );
        const { value, grad } = tf.valueAndGrad((l) => tf.sum(tf.mul(sparseCrossEntropy(l, labels, { mask }), 3)))(
          logits,
        );
        close(numbers(value), [3 * expected.reduce((sum, [loss]) => sum + loss, 0)]);
        close(
          numbers(grad),
          expected.flatMap(([, gradient]) => gradient.map((g) => 3 * g)),
        );
        close(
          numbers(sparseCrossEntropy(logits, labels, { mask })),
          expected.map(([loss]) => loss),
        );
      });
      expect(tf.memory().numTensors).toBe(before);
    },
  );
  fc.assert(property, { seed: 1, numRuns: 50 });
});

it('bans classes by -Infinity and ignores NaN where the mask is 0', () => {
  tf.tidy(() => {
    const logits = tf.tensor2d([
      [Number.NEGATIVE_INFINITY, 1e4, 1e4 - 1],
      [Number.NaN, 0, 0],
    ]);
    const mask = tf.tensor1d([1, 0]);
    const { value, grad } = tf.valueAndGrad((l) => tf.sum(sparseCrossEntropy(l, ints([1, 7]), { mask })))(logits);
    const [loss, gradient] = reference([Number.NEGATIVE_INFINITY, 1, 0], 1);
    close(numbers(value), [loss]);
    close(numbers(grad), [...gradient, 0, 0, 0]);
  });
});

const inputs = () => {
  const draw = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);
  return {
    x: draw([2, 3, 4], 1),
    kernel: draw([4, 5], 2),
    bias: draw([5], 3),
    labels: ints([0, 4, 2, 1, 3, 3], [2, 3]),
  };
};

it('denseCrossEntropy is the mean of the losses, that of the mask, or the sum with weights, and so are its gradients', () => {
  tf.tidy(() => {
    const { x, kernel, bias, labels } = inputs();
    const mask = tf.tensor2d([1, 1, 0, 1, 0, 0], [2, 3], 'bool');
    const weights = tf.tensor2d([0.5, 0, 2, -1, 1, 0], [2, 3]);
    const third = [1 / 3, 1 / 3, 0, 1 / 3, 0, 0];
    for (const [options, shares] of [
      [{}, new Array<number>(6).fill(1 / 6)],
      [{ mask }, third],
      [{ weights }, numbers(weights)],
      [{ mask: tf.zeros([2, 3]) }, new Array<number>(6).fill(0)],
    ] as const) {
      const dense = (...[a, w, b]: tf.Tensor[]) => denseCrossEntropy(a!, { kernel: w!, bias: b! }, labels, options);
      const got = tf.valueAndGrads(dense)([x, kernel, bias]);
      expect(got.value.shape).toEqual([]);
      const logits = numbers(tf.add(tf.dot(tf.reshape(x, [6, 4]), kernel), bias));
      const rows = numbers(labels).map((label, i) => reference(logits.slice(5 * i, 5 * i + 5), label));
      close(numbers(got.value), [rows.reduce((sum, [loss], i) => sum + shares[i]! * loss, 0)]);
      const slope = tf.tensor2d(rows.map(([, gradient], i) => gradient.map((g) => g * shares[i]!)));
      const [dx, dKernel, dBias] = got.grads;
      expect(dx!.shape).toEqual(x.shape);
      close(numbers(dx!), numbers(tf.matMul(slope, kernel as tf.Tensor2D, false, true)));
      close(numbers(dKernel!), numbers(tf.matMul(tf.reshape(x, [6, 4]), slope, true)));
      close(numbers(dBias!), numbers(tf.sum(slope, 0)));
    }
  });
});

it('denseCrossEntropy without a bias has one of zeros, and leaves nothing behind', () => {
  const { x, kernel, bias, labels } = inputs();
  const before = tf.memory().numTensors;
  const [without, zeros] = [
    denseCrossEntropy(x, { kernel }, labels),
    denseCrossEntropy(x, { kernel, bias: tf.zerosLike(bias) }, labels),
  ];
  expect(tf.memory().numTensors).toBe(before + 3); // both losses, the zeros
  expect(numbers(without)).toEqual(numbers(zeros));
});

it('denseCrossEntropy ignores NaN and labels of positions outside the mask', () => {
  tf.tidy(() => {
    const x = tf.tensor2d([
      [1, 2],
      [Number.NaN, 1],
    ]);
    const kernel = tf.tensor2d([
      [1, 0, 2],
      [0, 1, 1],
    ]);
    const f = (a: tf.Tensor, w: tf.Tensor) =>
      denseCrossEntropy(a, { kernel: w }, ints([1, -1]), { mask: tf.tensor1d([true, false], 'bool') });
    const { value, grads } = tf.valueAndGrads(f)([x, kernel]);
    const [loss, slope] = reference([1, 2, 4], 1);
    close(numbers(value), [loss]);
    close(numbers(grads[0]!), [slope[0]! + 2 * slope[2]!, slope[1]! + slope[2]!, 0, 0]);
    close(numbers(grads[1]!), [...slope, ...slope.map((g) => 2 * g)]);
  });
});

it('takes weights for constants, also those made from what is learned', () => {
  tf.tidy(() => {
    const { x, kernel, bias, labels } = inputs();
    const weighted = (weights: (a: tf.Tensor) => tf.Tensor) => (a: tf.Tensor) =>
      denseCrossEntropy(a, { kernel, bias }, labels, { weights: weights(a) });
    const fixed = tf.sum(x, -1);
    const [got, expected] = [tf.grad(weighted((a) => tf.sum(a, -1)))(x), tf.grad(weighted(() => fixed))(x)];
    expect(numbers(got)).toEqual(numbers(expected));
  });
});

it('says what does not fit', () => {
  tf.tidy(() => {
    const { x, kernel, bias, labels } = inputs();
    expect(() => sparseCrossEntropy(x, tf.zeros([2, 3]))).toThrow(
      new TypeError("sparseCrossEntropy: labels must be int32, got float32. Convert them: tf.cast(labels, 'int32')."),
    );
    expect(() => sparseCrossEntropy(x, ints([1, 2]))).toThrow('got logits [2, 3, 4] and labels [2]');
    expect(() => sparseCrossEntropy(x, labels, { mask: tf.ones([3]) })).toThrow('and mask [3]');
    expect(() => denseCrossEntropy(x, { kernel: bias }, labels)).toThrow('got x [..., 4], kernel [5].');
    expect(() => denseCrossEntropy(x, { kernel, bias: tf.zeros([4]) }, labels)).toThrow('kernel [4, 5] and bias [4]');
    const both = { mask: tf.ones([2, 3]), weights: tf.ones([2, 3]) };
    expect(() => denseCrossEntropy(x, { kernel, bias }, labels, both)).toThrow('got both mask and weights');
  });
});

// The kernels themselves are tested in @proj/backend, which this package does not know.
it("runs the engine's kernel where there is one, for the gradient where it is asked for", () => {
  const calls: [name: string, shapes: Record<string, number[]>, attrs: unknown][] = [];
  const names = ['ProjSparseCrossEntropy', 'ProjDenseCrossEntropy'] as const;
  const spy =
    (name: string): tf.KernelFunc =>
    ({ inputs, attrs }) => {
      const given = Object.entries(inputs).map(([key, t]) => [key, (t as tf.Tensor).shape]);
      calls.push([name, Object.fromEntries(given), attrs]);
      return [tf.fill(name === names[0] ? [6] : [], 7) as tf.TensorInfo];
    };
  const own = names.map((name) => tf.getGradient(name));
  for (const kernelName of names) {
    if (tf.getGradient(kernelName) !== undefined) tf.unregisterGradient(kernelName);
    tf.registerGradient({ kernelName, gradFunc: () => ({ x: () => tf.ones([6, 4]), logits: () => tf.ones([6, 4]) }) });
  }
  const test = () => {
    const { x, kernel, bias, labels } = inputs();
    const mask = tf.ones([2, 3], 'bool');
    const sparse = sparseCrossEntropy(x, labels, { mask });
    expect(sparse.shape).toEqual([2, 3]);
    expect(numbers(sparse)).toEqual([7, 7, 7, 7, 7, 7]);
    const gradient = tf.grad((a) => denseCrossEntropy(a, { kernel, bias }, labels, { mask }))(x);
    expect(gradient.shape).toEqual([2, 3, 4]);
    expect(numbers(gradient)).toEqual(new Array(24).fill(1));
  };
  try {
    withKernel(names[0], spy(names[0]), () => withKernel(names[1], spy(names[1]), () => tf.tidy(test)));
    expect(calls).toEqual([
      [names[0], { logits: [6, 4], labels: [6], mask: [6] }, { gradient: false }],
      [names[1], { x: [6, 4], kernel: [4, 5], bias: [5], labels: [6], weights: [6] }, { gradient: true }],
    ]);
  } finally {
    for (const [i, name] of names.entries()) {
      tf.unregisterGradient(name);
      if (own[i] !== undefined) tf.registerGradient(own[i]);
    }
  }
});
