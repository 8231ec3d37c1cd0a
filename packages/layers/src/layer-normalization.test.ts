import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as layers from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { withKernel } from '../tests/with-kernel.ts';
import { layerNormalization } from './layer-normalization.ts';

const x = () => tf.tensor3d([1, 2, 4, -3, 0, 0.5, 7, 7, 7, 1e3, 1001, 999], [2, 2, 3]);
const gamma = () => tf.tensor1d([1, 0.5, -2]);
const beta = () => tf.tensor1d([0, 3, 1]);

// Golden: torch 1.13, torch.nn.functional.layer_norm of the numbers above in float64, eps 1e-3; its gradients under weights
// 1, 2, ..., 12.
const GOLDEN = [
  [-1.0687015, 2.8664123, -1.6717538, -1.4015327, 3.2695255, -0.7249634, 0.0, 3.0, 1.0, 0.0, 3.6119137, 3.4476547],
  [
    -0.7998097, 1.2027183, -0.4029086, -0.6412525, 4.5009923, -3.8597399, 295.1459149, 200.2775851, -495.4235001,
    15.7057843, -7.8258555, -7.8799288,
  ],
  [-6.6748325, 15.6230053, -5.5034074],
  [22.0, 26.0, 30.0],
];

it('is that of PyTorch, and so are its gradients', () => {
  const weights = tf.reshape(tf.range(1, 13), [2, 2, 3]);
  const f = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) => tf.sum(tf.mul(layerNormalization(a, b, c), weights));
  const y = layerNormalization(x(), gamma(), beta());
  const grads = tf.grads(f)([x(), gamma(), beta()]);
  expect(y.shape).toEqual([2, 2, 3]);
  [y, ...grads].forEach((t, i) => {
    const got = t.dataSync();
    expect(got.length).toBe(GOLDEN[i]!.length);
    GOLDEN[i]!.forEach((golden, j) => {
      expect(Math.abs(got[j]! - golden)).toBeLessThan(2e-5 * Math.max(1, Math.abs(golden)));
    });
  });
});

it('is the layer of tfjs-layers', () => {
  const layer = layers.layers.layerNormalization();
  const [theirs, ours] = [layer.apply(x()) as tf.Tensor, layerNormalization(x(), tf.ones([3]), tf.zeros([3]))];
  expect(tf.max(tf.abs(tf.sub(theirs, ours))).dataSync()[0]).toBeLessThan(1e-5);
});

it("runs the engine's kernel where it has one, on rows", () => {
  const seen: number[][] = [];
  const kernelFunc = ({ inputs, attrs }: { inputs: tf.NamedTensorInfoMap; attrs?: object }) => {
    seen.push(...['x', 'gamma', 'beta'].map((key) => inputs[key]!.shape));
    expect(attrs).toEqual({ epsilon: 0.5 });
    return [tf.fill(inputs.x!.shape, 7), tf.zeros([4]), tf.zeros([4])];
  };
  const y = withKernel('ProjLayerNorm', kernelFunc as tf.KernelFunc, () =>
    layerNormalization(x(), gamma(), beta(), 0.5),
  );
  expect(seen).toEqual([[4, 3], [3], [3]]);
  expect([y.shape, y.dataSync()[0]]).toEqual([[2, 2, 3], 7]);
});

it('leaves nothing behind but its results, and takes no rows', () => {
  const [a, b, c] = [x(), gamma(), beta()];
  const empty = tf.zeros([0, 3]);
  const before = tf.memory().numTensors;
  tf.dispose([layerNormalization(a, b, c), tf.grad((t) => tf.sum(layerNormalization(t, b, c)))(a)]);
  const none = layerNormalization(empty, b, c);
  expect(none.shape).toEqual([0, 3]);
  none.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('says what does not fit', () => {
  expect(() => layerNormalization(x(), tf.ones([2]), beta())).toThrow(
    'layerNormalization: x must be [..., D], D from 1, gamma and beta [D], got [2, 2, 3], [2], [3].',
  );
  expect(() => layerNormalization(x(), gamma(), beta(), Number.NaN)).toThrow('epsilon must be positive, got NaN');
});
