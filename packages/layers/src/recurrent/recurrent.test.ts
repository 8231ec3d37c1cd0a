import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { describe, expect, it } from 'vitest';
import goldens from '../../fixtures/recurrent.json';
import { type GruWeights, gru, gruStep } from './gru.ts';
import { type LstmWeights, lstm, lstmStep } from './lstm.ts';
import { fromTorchGru, fromTorchLstm, type TorchRecurrentWeights } from './torch.ts';

type Golden = (typeof goldens)[number];
type Numbers = number | Numbers[];
const tensor = (values: Numbers) => tf.tensor(values as number[]);

const expectClose = (got: tf.Tensor, wanted: Numbers, what: string): void => {
  const golden = (wanted as number[][][]).flat(3) as number[];
  expect(got.size, what).toBe(golden.length);
  got.dataSync().forEach((value, i) => {
    if (!(Math.abs(value - golden[i]!) < 3e-6)) expect.fail(`${what}[${i}]: ${value}, not ${golden[i]}`);
  });
};

/** A golden's net by the functions of this folder: outputs and last states. */
function run(golden: Golden, inputs: Record<string, tf.Tensor>): [outputs: tf.Tensor, ...last: tf.Tensor[]] {
  const { kind, resetAfter, goBackwards } = golden;
  const options = { goBackwards, ...(golden.masked ? { mask: tensor(golden.mask) } : {}) };
  const torch = inputs as unknown as TorchRecurrentWeights;
  if (kind === 'lstm') {
    const initialState = { h: inputs.h!, c: inputs.c! };
    const { outputs, h, c } = lstm(inputs.x!, fromTorchLstm(torch), { ...options, initialState });
    return [outputs, h, c];
  }
  const weights = resetAfter ? fromTorchGru(torch) : (inputs as unknown as GruWeights);
  const { outputs, h } = gru(inputs.x!, weights, { ...options, resetAfter, initialState: inputs.h! });
  return [outputs, h];
}

const tensorsOf = (golden: Golden): [names: string[], tensors: tf.Tensor[]] => [
  Object.keys(golden.inputs),
  Object.values(golden.inputs).map((values) => tensor(values)),
];

// Goldens: fixtures/recurrent.py, PyTorch 1.13.0a0 in float64: outputs, and gradients by x, the initial state and all weights.
describe('as PyTorch has them, on plain operations', () => {
  it.each(goldens)('$name', (golden) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const [names, tensors] = tensorsOf(golden);
      const named = (values: tf.Tensor[]) => Object.fromEntries(names.map((name, i) => [name, values[i]!]));
      const [outputs, ...last] = run(golden, named(tensors));
      // Past the end of a sequence PyTorch has zeros, and these nets the state that they keep.
      expectClose(tf.mul(outputs, tf.expandDims(tensor(golden.mask), -1)), golden.outputs, 'outputs');
      last.forEach((state, i) => {
        expectClose(state, golden.last[i]!, 'last state');
      });
      const loss = (...values: tf.Tensor[]) => {
        const [steps, ...states] = run(golden, named(values));
        const terms = states.map((state, i) => tf.sum(tf.mul(state, tensor(golden.lossLast[i]!))));
        return tf.addN([...terms, tf.sum(tf.mul(steps, tensor(golden.lossOutputs)))]);
      };
      tf.grads(loss)(tensors).forEach((gradient, i) => {
        const name = names[i] as keyof Golden['gradients'];
        expectClose(gradient, golden.gradients[name] as Numbers, `gradient by ${name}`);
      });
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

const weights = (features: number, units: number, gates: number): LstmWeights & GruWeights => ({
  kernel: tf.randomUniform([features, gates * units], -1, 1, 'float32', 1),
  recurrentKernel: tf.randomUniform([units, gates * units], -1, 1, 'float32', 2),
});

describe('outputs', () => {
  it('are the state that a masked step keeps, the initial one before the first', () => {
    const mask = tf.tensor2d([[0, 1, 0, 1]], undefined, 'bool');
    const x = tf.randomUniform([1, 4, 2], -1, 1, 'float32', 3);
    const h = tf.tensor2d([[0.5, -0.25, 1]]);
    const results = [
      lstm(x, weights(2, 3, 4), { initialState: { h, c: h }, mask }),
      gru(x, weights(2, 3, 3), { initialState: h, mask }),
    ];
    for (const { outputs, h: last } of results) {
      const [first, second, third, fourth] = tf.unstack(outputs, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      expect([...first.dataSync()]).toEqual([0.5, -0.25, 1]);
      expect([...third.dataSync()]).toEqual([...second.dataSync()]);
      expect([...second.dataSync()]).not.toEqual([...first.dataSync()]);
      expect([...last.dataSync()]).toEqual([...fourth.dataSync()]);
    }
  });

  it.each([
    [0, 3],
    [2, 0],
  ])('of %i sequences of %i steps have their shapes, and the state stays', (batch, steps) => {
    const x = tf.zeros([batch, steps, 2]);
    const h = tf.ones([batch, 3]);
    const a = lstm(x, weights(2, 3, 4), { initialState: { h, c: h } });
    const b = gru(x, weights(2, 3, 3), { initialState: h });
    for (const { outputs, h: last } of [a, b]) {
      expect(outputs.shape).toEqual([batch, steps, 3]);
      expect([...last.dataSync()]).toEqual([...h.dataSync()]);
    }
  });

  it('of one step have gradients', () => {
    const x = tf.tensor3d([[[0.5, -1]]]);
    const w = weights(2, 3, 4);
    const slope = tf
      .grad((t: tf.Tensor) => lstm(t, w).h)(x)
      .dataSync();
    const loss = (at: number[]) => tf.sum(lstm(tf.tensor3d([[at]]), w).h).dataSync()[0]!;
    const step = 1e-2; // central differences in float32: good to 1e-4
    expect(slope[0]).toBeCloseTo((loss([0.5 + step, -1]) - loss([0.5 - step, -1])) / (2 * step), 3);
    expect(slope[1]).toBeCloseTo((loss([0.5, -1 + step]) - loss([0.5, -1 - step])) / (2 * step), 3);
  });

  it('stay finite where every gate saturates, gradients too', () => {
    const x = tf.mul(tf.randomUniform([2, 3, 2], -1, 1, 'float32', 4), 1e6);
    const sum = (t: tf.Tensor) =>
      tf.add(tf.sum(lstm(t, weights(2, 3, 4)).outputs), tf.sum(gru(t, weights(2, 3, 3)).outputs));
    const { value, grad } = tf.valueAndGrad(sum)(x);
    expect([...value.dataSync(), ...grad.dataSync()].every(Number.isFinite)).toBe(true);
  });
});

describe('single steps', () => {
  it('are those of the sequence, from zeros, with and without biases', () => {
    const x = tf.randomUniform([2, 3, 4], -1, 1, 'float32', 5);
    const [first, second, third] = tf.unstack(x, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const zeros = tf.zeros([2, 5]);
    const plain = weights(4, 5, 4);
    for (const w of [plain, { ...plain, bias: tf.linspace(-1, 1, 20) }]) {
      let state = lstmStep(first, w, { h: zeros, c: zeros });
      state = lstmStep(second, w, state);
      state = lstmStep(third, w, state);
      const golden = lstm(x, w);
      expectClose(state.h, golden.h.arraySync() as Numbers, 'h');
      expectClose(state.c, golden.c.arraySync() as Numbers, 'c');
    }
    const gates = weights(4, 5, 3);
    for (const resetAfter of [true, false]) {
      const bias = resetAfter ? tf.reshape(tf.linspace(-1, 1, 30), [2, 15]) : tf.linspace(-1, 1, 15);
      for (const w of [gates, { ...gates, bias }]) {
        const h = gruStep(third, w, gruStep(second, w, gruStep(first, w, zeros, { resetAfter }), { resetAfter }), {
          resetAfter,
        });
        expectClose(h, gru(x, w, { resetAfter }).h.arraySync() as Numbers, 'h');
      }
    }
  });

  it('leave their results alone behind', () => {
    const x = tf.ones([1, 2]);
    const h = tf.ones([1, 3]);
    const [lstmWeights, gruWeights] = [weights(2, 3, 4), weights(2, 3, 3)];
    const before = tf.memory().numTensors;
    const { h: next, c } = lstmStep(x, lstmWeights, { h, c: h });
    const other = gruStep(x, gruWeights, h);
    expect(tf.memory().numTensors).toBe(before + 3);
    const sequence = lstm(tf.ones([1, 2, 2]), lstmWeights, { initialState: { h: next, c } });
    const another = gru(tf.ones([1, 2, 2]), gruWeights, { initialState: other });
    expect(tf.memory().numTensors).toBe(before + 10); // two inputs among them
    tf.dispose([next, c, other, sequence, another]);
    expect(tf.memory().numTensors).toBe(before + 2);
  });
});

describe('mistakes', () => {
  const x = tf.zeros([2, 3, 4]);
  const [four, three] = [weights(4, 5, 4), weights(4, 5, 3)];
  const h = tf.zeros([2, 5]);
  it.each<[() => unknown, string]>([
    [() => lstm(tf.zeros([2, 4]), four), 'lstm: x must have the shape [any, any, 4], got [2, 4].'],
    [() => lstm(x, three), 'lstm: recurrentKernel must have the shape [5, 20], got [5, 15].'],
    [() => lstm(x, { ...four, bias: tf.zeros([15]) }), 'lstm: bias must have the shape [20], got [15].'],
    [
      () => lstm(x, four, { initialState: { h, c: tf.zeros([1, 5]) } }),
      'lstm: initialState.c must have the shape [2, 5], got [1, 5].',
    ],
    [() => lstm(x, four, { mask: tf.zeros([3, 2]) }), 'lstm: mask must have the shape [2, 3], got [3, 2].'],
    [() => lstmStep(x, four, { h, c: h }), 'lstmStep: x must have the shape [any, 4], got [2, 3, 4].'],
    [() => gru(x, { ...three, bias: tf.zeros([15]) }), 'gru: bias must have the shape [2, 15], got [15].'],
    [
      () => gru(x, { ...three, bias: tf.zeros([2, 15]) }, { resetAfter: false }),
      'gru: bias must have the shape [15], got [2, 15].',
    ],
    [() => gruStep(tf.zeros([2, 4]), three, tf.zeros([1, 5])), 'gruStep: h must have the shape [2, 5], got [1, 5].'],
    [
      () => fromTorchGru({ weightIh: tf.zeros([20, 4]), weightHh: tf.zeros([15, 5]) }),
      'fromTorchGru: weightIh must have the shape [15, any], got [20, 4].',
    ],
  ])('are named: %#', (call, message) => {
    expect(call).toThrow(new RangeError(message));
  });
});
