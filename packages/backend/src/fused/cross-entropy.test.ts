import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { distance, values } from '../../tests/engines.ts';
import { useEngine } from '../index.ts';
import { canRun, type WasmBuild } from '../wasm/build.ts';

const engines: [string, 'cpu' | 'wasm', WasmBuild?][] = [
  ['cpu', 'cpu'],
  ...(['plain', 'fused'] as WasmBuild[])
    .filter(canRun)
    .map((build): [string, 'wasm', WasmBuild] => [build, 'wasm', build]),
];

const run = (name: string, inputs: object, gradient: boolean) =>
  tf.engine().runKernel<tf.Tensor[]>(name, inputs as tf.NamedTensorMap, { gradient });

const ints = (numbers: ArrayLike<number>) => tf.tensor1d(Int32Array.from(numbers), 'int32');

interface Case {
  n: number;
  d: number;
  v: number;
  /** Of the logits, about. */
  size: number;
  /** How many classes are banned by a bias of -Infinity; class 0 never is. */
  banned: number;
  /** Every `gap`-th row has weight 0, with a NaN in x and a label that is no class; 0: none. */
  gap: number;
}

/** Numbers of a case on the host. */
function numbersOf({ n, d, v, size, banned, gap }: Case) {
  const drawn = (count: number, seed: number, scale: number) =>
    tf.tidy(() => tf.mul(values([count], seed), scale).dataSync() as Float32Array).slice();
  const x = drawn(n * d, 1, 1);
  const kernel = drawn(d * v, 2, size / Math.sqrt(Math.max(1, d)));
  const bias = drawn(v, 3, size).map((b, i) => (i > 0 && i <= banned ? Number.NEGATIVE_INFINITY : b));
  const labels = Int32Array.from({ length: n }, (_, i) => (i % 3 === 0 ? v - 1 : (i * 7919) % v));
  const weights = drawn(n, 4, 2);
  for (let i = 0; gap > 0 && i < n; i += gap) {
    weights[i] = 0;
    labels[i] = -1;
    if (d > 0) x[i * d] = Number.NaN;
  }
  for (let i = 0; i < n; i++) if (labels[i]! > 0 && labels[i]! <= banned) labels[i] = 0;
  return { x, kernel, bias, labels, weights };
}

/** The formulas in float64: loss, and its gradients by x, kernel and bias. */
function reference({ n, d, v }: Case, { x, kernel, bias, labels, weights }: ReturnType<typeof numbersOf>) {
  const [dx, dKernel, dBias] = [new Float64Array(n * d), new Float64Array(d * v), new Float64Array(v)];
  let loss = 0;
  for (let i = 0; i < n; i++) {
    if (weights[i] === 0) continue;
    const logits = Float64Array.from(bias, (b, j) => {
      let sum = b;
      for (let k = 0; k < d; k++) sum += x[i * d + k]! * kernel[k * v + j]!;
      return sum;
    });
    const top = Math.max(...logits);
    const sum = logits.reduce((s, l) => s + Math.exp(l - top), 0);
    loss += weights[i]! * (Math.log(sum) + top - logits[labels[i]!]!);
    for (let j = 0; j < v; j++) {
      const slope = weights[i]! * (Math.exp(logits[j]! - top) / sum - Number(j === labels[i]));
      dBias[j]! += slope;
      for (let k = 0; k < d; k++) {
        dx[i * d + k]! += slope * kernel[k * v + j]!;
        dKernel[k * v + j]! += slope * x[i * d + k]!;
      }
    }
  }
  return [[loss], dx, dKernel, dBias].map((part) => Array.from(part));
}

function tensorsOf({ n, d, v }: Case, numbers: ReturnType<typeof numbersOf>) {
  const { x, kernel, bias, labels, weights } = numbers;
  return {
    x: tf.tensor2d(x, [n, d]),
    kernel: tf.tensor2d(kernel, [d, v]),
    bias: tf.tensor1d(bias),
    labels: ints(labels),
    weights: tf.tensor1d(weights),
  };
}

/** The differences of the kernel's results from float64, relative to what sums of that many terms lose. */
function compare(c: Case): void {
  const numbers = numbersOf(c);
  const expected = reference(c, numbers);
  tf.tidy(() => {
    const inputs = tensorsOf(c, numbers);
    const before = tf.memory().numTensors;
    const outputs = run('ProjDenseCrossEntropy', inputs, true);
    const [alone, ...none] = run('ProjDenseCrossEntropy', inputs, false);
    expect(none).toEqual([]);
    expect(tf.memory().numTensors).toBe(before + 5);
    expect(outputs.map(({ shape }) => shape)).toEqual([[], [c.n, c.d], [c.d, c.v], [c.v]]);
    for (const [i, output] of outputs.entries()) {
      const room = 4e-6 * Math.max(1, c.size) * (1 + Math.sqrt(c.n) / 10);
      expect(distance(Array.from(output.dataSync()), expected[i]!), `output ${i} of ${JSON.stringify(c)}`).toBeLessThan(
        room,
      );
    }
    expect(alone!.dataSync()[0]).toBe(outputs[0]!.dataSync()[0]);
  });
}

describe.each(engines)('%s', (_, engine, wasmBuild) => {
  beforeAll(async () => {
    await useEngine(engine, wasmBuild ? { wasmBuild } : {});
    tf.env().set('IS_TEST', true); // tfjs then looks for data that a kernel forgets
  });

  const some = fc.record({
    n: fc.integer({ min: 0, max: 40 }),
    d: fc.integer({ min: 0, max: 20 }),
    v: fc.integer({ min: 1, max: 40 }),
    size: fc.constantFrom(0.1, 3, 30),
    banned: fc.integer({ min: 0, max: 3 }),
    gap: fc.constantFrom(0, 0, 1, 2, 5),
  });

  it('ProjDenseCrossEntropy and its gradients are the formulas in float64, for any shape and weights', () => {
    fc.assert(fc.property(some, compare), { seed: 1, numRuns: 60 });
  });

  // Beyond one block of each kind: 192 rows, 256 columns, 256 deep; composed, 2^20 logits.
  it.each([
    [193, 5, 9, 0],
    [400, 7, 30, 3],
    [192, 3, 257, 0],
    [7, 2, 520, 0],
    [9, 257, 19, 0],
    [200, 300, 270, 7],
    [4000, 1, 300, 0],
  ])('ProjDenseCrossEntropy of %i rows, %i features, %i classes', (n, d, v, gap) => {
    compare({ n, d, v, size: 1, banned: 1, gap });
  });

  it('ProjDenseCrossEntropy has the gradient of central differences, times what comes after it', () => {
    const c: Case = { n: 5, d: 4, v: 9, size: 1, banned: 0, gap: 3 };
    const numbers = numbersOf(c);
    tf.tidy(() => {
      const { x, kernel, bias, labels, weights } = tensorsOf(c, numbers);
      const f = (...[a, w, b]: tf.Tensor[]) =>
        tf.square(run('ProjDenseCrossEntropy', { x: a!, kernel: w!, bias: b!, labels, weights }, true)[0]!);
      const gradients = tf.grads(f)([x, kernel, bias]);
      for (const [name, gradient] of (['x', 'kernel', 'bias'] as const).map(
        (name, i) => [name, gradients[i]!] as const,
      )) {
        for (const [i, got] of gradient.dataSync().entries()) {
          if (Number.isNaN(numbers[name][i]!)) continue;
          const at = (by: number) => {
            const moved = { ...numbers, [name]: Float64Array.from(numbers[name]) };
            moved[name][i]! += by;
            return reference(c, moved as unknown as typeof numbers)[0]![0]! ** 2;
          };
          expect(Math.abs(got - (at(1e-4) - at(-1e-4)) / 2e-4), `${name}[${i}]`).toBeLessThan(
            3e-5 * (1 + Math.abs(got)),
          );
        }
      }
    });
  });

  // Golden: the formulas in float64, as above, on logits x W + b with D = 1 and W = 0: logits = b.
  it('extreme logits stay right', () => {
    const logits = [-1e4, Number.NEGATIVE_INFINITY, 3, -3e38, 1e4 - 1, 1e4];
    for (const [label, expected] of [
      [5, Math.log1p(Math.exp(-1))],
      [4, 1 + Math.log1p(Math.exp(-1))],
      [0, 2e4 + Math.log1p(Math.exp(-1))],
      [1, Number.POSITIVE_INFINITY],
    ] as const) {
      tf.tidy(() => {
        const inputs = {
          x: tf.zeros([1, 1]),
          kernel: tf.zeros([1, 6]),
          bias: tf.tensor1d(logits),
          labels: ints([label]),
        };
        const [dense, , , slope] = run('ProjDenseCrossEntropy', { ...inputs, weights: tf.ones([1]) }, true);
        const [sparse, same] = run(
          'ProjSparseCrossEntropy',
          { logits: tf.tensor2d([logits]), labels: ints([label]) },
          true,
        );
        const p = 1 / (1 + Math.exp(-1));
        for (const loss of [dense!, sparse!]) {
          if (expected === Number.POSITIVE_INFINITY) expect(loss.dataSync()[0]).toBe(expected);
          else expect(Math.abs(loss.dataSync()[0]! - expected)).toBeLessThan(2e-7 * expected + 1e-7);
        }
        for (const gradient of [slope!, same!]) {
          const wanted = [0, 0, 0, 0, 1 - p, p].map((q, i) => q - Number(i === label));
          expect(distance(Array.from(gradient.dataSync()), wanted)).toBeLessThan(2e-7);
        }
      });
    }
  });

  it('ProjSparseCrossEntropy and its gradient are the formulas in float64, masked or not', () => {
    fc.assert(
      fc.property(some, (c) => {
        const { bias: __, ...numbers } = numbersOf({ ...c, d: c.v, banned: 0 });
        tf.tidy(() => {
          const logits = tf.mul(tf.tensor2d(numbers.x, [c.n, c.v]), c.size);
          const inputs = { logits, labels: ints(numbers.labels) };
          const mask = tf.tensor1d(numbers.weights.map((w) => Number(w !== 0)));
          const before = tf.memory().numTensors;
          const [loss, slope] = run('ProjSparseCrossEntropy', c.gap > 0 ? { ...inputs, mask } : inputs, true);
          const [alone, ...none] = run('ProjSparseCrossEntropy', c.gap > 0 ? { ...inputs, mask } : inputs, false);
          expect(none).toEqual([]);
          expect(tf.memory().numTensors).toBe(before + 3);
          expect(alone!.dataSync()).toEqual(loss!.dataSync());
          const [ls, losses, slopes] = [logits, loss!, slope!].map((t) => Array.from(t.dataSync())) as number[][];
          for (let i = 0; i < c.n; i++) {
            const row = ls!.slice(i * c.v, (i + 1) * c.v);
            const masked = numbers.weights[i] === 0;
            const label = numbers.labels[i]!;
            const top = Math.max(...row);
            const sum = row.reduce((s, l) => s + Math.exp(l - top), 0);
            const wanted = masked ? 0 : Math.log(sum) + top - row[label]!;
            expect(Math.abs(losses![i]! - wanted)).toBeLessThan(5e-7 * (1 + Math.abs(wanted)));
            const gradient = row.map((l, j) => (masked ? 0 : Math.exp(l - top) / sum - Number(j === label)));
            expect(distance(slopes!.slice(i * c.v, (i + 1) * c.v), gradient)).toBeLessThan(5e-7);
          }
        });
      }),
      { seed: 2, numRuns: 60 },
    );
  });

  it('the gradient of ProjSparseCrossEntropy is that of each row times what comes after it', () => {
    tf.tidy(() => {
      const [logits, labels, dy] = [values([6, 5], 1), ints([0, 4, 2, 1, 3, 3]), values([6], 2)];
      const f = (l: tf.Tensor) => run('ProjSparseCrossEntropy', { logits: l, labels }, true)[0]!;
      const plain = (l: tf.Tensor) => tf.neg(tf.sum(tf.mul(tf.oneHot(labels, 5), tf.logSoftmax(l)), 1));
      const [got, expected] = [tf.grad(f)(logits, dy), tf.grad(plain)(logits, dy)].map((t) => Array.from(t.dataSync()));
      expect(distance(got!, expected!)).toBeLessThan(1e-6);
    });
  });

  it('NaN stays in its row', () => {
    tf.tidy(() => {
      const logits = tf.tensor2d([
        [1, Number.NaN, 3],
        [1, 2, 3],
      ]);
      const [loss, slope] = run('ProjSparseCrossEntropy', { logits, labels: ints([0, 0]) }, true);
      expect(Array.from(loss!.dataSync(), Number.isNaN)).toEqual([true, false]);
      expect(Array.from(slope!.dataSync(), Number.isNaN)).toEqual([true, true, true, false, false, false]);
      const inputs = { kernel: tf.ones([3, 2]), bias: tf.zeros([2]), labels: ints([0, 0]), weights: tf.ones([2]) };
      const [sum, dx] = run('ProjDenseCrossEntropy', { x: logits, ...inputs }, true);
      expect(sum!.dataSync()[0]).toBeNaN();
      expect(Array.from(dx!.dataSync(), Number.isNaN)).toEqual([true, true, true, false, false, false]);
    });
  });

  it('refuses labels that are no class, other shapes and types, and differentiation without the gradient', () => {
    const before = tf.memory();
    tf.tidy(() => {
      const logits = tf.zeros([3, 4]);
      const sparse = (more: object) => () => run('ProjSparseCrossEntropy', { logits, ...more }, false);
      expect(sparse({ labels: ints([0, 4, 1]) })).toThrow('labels must be in [0, 4), got 4 in row 1');
      expect(sparse({ labels: ints([0, 3, -1]) })).toThrow('got -1 in row 2');
      expect(sparse({ labels: ints([0, 3]) })).toThrow('got logits float32 [3, 4], labels int32 [2]');
      expect(sparse({ labels: tf.zeros([3]) })).toThrow('labels float32 [3]');
      expect(sparse({ labels: ints([0, 0, 0]), mask: tf.ones([2]) })).toThrow('mask float32 [2]');
      const rest = { x: tf.zeros([3, 2]), kernel: tf.zeros([2, 4]), bias: tf.zeros([4]), weights: tf.ones([3]) };
      const dense = (more: object) => () => run('ProjDenseCrossEntropy', { ...rest, ...more }, true);
      expect(dense({ labels: ints([0, 1, 4]) })).toThrow(
        'ProjDenseCrossEntropy: labels must be in [0, 4), got 4 in row 2',
      );
      expect(dense({ labels: ints([0, 1]) })).toThrow('labels int32 [2]');
      expect(dense({ labels: ints([0, 1, 2]), bias: tf.zeros([3]) })).toThrow('bias float32 [3]');
      const labels = ints([0, 1, 2]);
      const f = (l: tf.Tensor) => run('ProjSparseCrossEntropy', { logits: l, labels }, false)[0]!;
      expect(() => tf.grad(f)(logits)).toThrow('ran without its gradient');
      const g = (x: tf.Tensor) => run('ProjDenseCrossEntropy', { ...rest, x, labels }, false)[0]!;
      expect(() => tf.grad(g)(rest.x)).toThrow('ran without its gradient');
    });
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  });
});
