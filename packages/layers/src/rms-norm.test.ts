import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { layers, loadLayersModel, sequential } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { registerLayers } from './register.ts';
import { RmsNorm } from './rms-norm.ts';

const run = (layer: RmsNorm, x: tf.Tensor): tf.Tensor => layer.apply(x) as tf.Tensor;
const X = [
  [1, 2, 3, 4],
  [-0.5, 0.25, 2, -8],
];
const GAIN = [0.5, 1, -2, 3];

/** The formula in float64: the oracle of this file. */
const oracle = (x: number[][], gain: number[], epsilon: number): number[][] =>
  x.map((row) => {
    const scale = 1 / Math.sqrt(row.reduce((sum, v) => sum + v * v, 0) / row.length + epsilon);
    return row.map((v, i) => v * scale * gain[i]!);
  });

const withGain = (layer: RmsNorm, gain = GAIN): RmsNorm => {
  layer.build([null, gain.length]);
  layer.setWeights([tf.tensor(gain)]);
  return layer;
};
const close = (got: tf.Tensor, golden: number[][], relative = 1e-6): void => {
  const flat = golden.flat();
  expect(got.size).toBe(flat.length);
  got.dataSync().forEach((v, i) => {
    expect(Math.abs(v - flat[i]!)).toBeLessThan(relative * Math.max(1, Math.abs(flat[i]!)));
  });
};

// Golden: closed form, x / sqrt(30 / 4 + 1e-6).
it('normalises (1, 2, 3, 4)', () => {
  close(new RmsNorm().apply(tf.tensor([[1, 2, 3, 4]])) as tf.Tensor, [[0.36514835, 0.7302967, 1.095445, 1.4605934]]);
});

it.each([1e-6, 0.1, 4])('agrees with the formula in float64, epsilon %d', (epsilon) => {
  close(withGain(new RmsNorm({ epsilon })).apply(tf.tensor(X)) as tf.Tensor, oracle(X, GAIN, epsilon));
});

it('gives rows of mean square 1, whatever their scale, and leaves zeros', () => {
  const rows = tf.mul(tf.tensor(X), tf.tensor([[1e-2], [1e4]])); // epsilon is 1e-3 of the first row's mean square
  const meanSquare = tf.mean(tf.square(new RmsNorm({ epsilon: 1e-9 }).apply(rows) as tf.Tensor), -1);
  close(meanSquare, [[1, 1]], 1e-4);
  close(new RmsNorm().apply(tf.zeros([1, 3])) as tf.Tensor, [[0, 0, 0]]);
});

it('works on the last axis of any rank, an empty batch too', () => {
  const layer = new RmsNorm();
  expect((layer.apply(tf.ones([2, 3, 5, 4])) as tf.Tensor).shape).toEqual([2, 3, 5, 4]);
  expect((layer.apply(tf.zeros([0, 2, 2, 4])) as tf.Tensor).shape).toEqual([0, 2, 2, 4]);
});

// Central differences of the float64 oracle, good to 1e-9; the tape has float32's 7 digits.
it('gradients by the input and the gain are those of finite differences', () => {
  const epsilon = 0.1;
  const layer = withGain(new RmsNorm({ epsilon }));
  const weights = [
    [1, -2, 0.5, 3],
    [2, 1, -1, 0.25],
  ];
  const objective = (x: number[][], gain: number[]): number =>
    oracle(x, gain, epsilon).reduce((sum, row, i) => sum + row.reduce((s, v, j) => s + v * weights[i]![j]!, 0), 0);
  const h = 1e-5;
  const moved = <T>(values: T[], i: number, to: (value: T) => T): T[] => values.map((v, j) => (j === i ? to(v) : v));
  const slope = (f: (step: number) => number): number => (f(h) - f(-h)) / (2 * h);
  const byInput = X.map((row, i) =>
    row.map((_, j) =>
      slope((d) =>
        objective(
          moved(X, i, (r) => moved(r, j, (v) => v + d)),
          GAIN,
        ),
      ),
    ),
  );
  const byGain = GAIN.map((_, j) =>
    slope((d) =>
      objective(
        X,
        moved(GAIN, j, (v) => v + d),
      ),
    ),
  );

  const loss = (x: tf.Tensor) => tf.sum(tf.mul(run(layer, x), tf.tensor(weights))) as tf.Scalar;
  close(tf.grad(loss)(tf.tensor(X)), byInput, 2e-6);
  const { grads } = tf.variableGrads(() => loss(tf.tensor(X)));
  close(Object.values(grads)[0]!, [byGain], 2e-6);
});

it('saves and loads: the same outputs, the same epsilon', async () => {
  registerLayers();
  const model = sequential({
    layers: [layers.dense({ units: 4, inputShape: [3] }), new RmsNorm({ epsilon: 0.02 })],
  });
  model.layers[1]!.setWeights([tf.tensor(GAIN)]);
  const x = tf.randomUniform([5, 3], -1, 1, 'float32', 1);
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  const loaded = await loadLayersModel(tf.io.fromMemory(saved!));
  expect((loaded.layers[1] as RmsNorm).epsilon).toBe(0.02);
  expect([...(loaded.predict(x) as tf.Tensor).dataSync()]).toEqual([...(model.predict(x) as tf.Tensor).dataSync()]);
});

it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses epsilon %d', (epsilon) => {
  expect(() => new RmsNorm({ epsilon })).toThrow(
    new RangeError(`RmsNorm: epsilon must be positive, got ${epsilon}. Omit it to use 1e-6.`),
  );
});

it('refuses an input without features', () => {
  expect(() => new RmsNorm().build([null, null])).toThrow(RangeError);
  expect(() => new RmsNorm().apply(tf.ones([3]))).toThrow(
    'RmsNorm: the input must be a batch whose last axis has a known size, got shape [3].',
  );
});

it('leaves nothing behind but its result and its weight', () => {
  const before = tf.memory().numTensors;
  const layer = new RmsNorm();
  const x = tf.ones([2, 4]);
  tf.dispose(run(layer, x));
  expect(tf.memory().numTensors).toBe(before + 2); // x and the gain
  tf.dispose([run(layer, x), run(layer, x), tf.grad((t: tf.Tensor) => run(layer, t))(x)]);
  expect(tf.memory().numTensors).toBe(before + 2);
  layer.dispose();
  x.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
