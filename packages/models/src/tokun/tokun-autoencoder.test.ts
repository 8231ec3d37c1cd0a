import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { bits, normal } from '@proj/distributions/random';
import { divide, dotAttention, layerNormalization, merge } from '@proj/layers';
import { beforeEach, expect, it } from 'vitest';
import type { TokunAutoencoderConfig } from './config.ts';
import { glorotNormal } from './first-weights.ts';
import { attendWithin } from './network.ts';
import { TokunAutoencoder } from './tokun-autoencoder.ts';

const bytesOf = (count: number, seed = 0) => Int32Array.from(bits(count, seed), (word) => word & 255);
const random = (shape: number[], seed = 0) => tf.tensor(bytesOf(tf.util.sizeFromShape(shape), seed), shape, 'int32');
const numbers = (t: tf.Tensor) => Array.from(t.dataSync());
const greatest = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
const SMALL: TokunAutoencoderConfig = { groups: [2, 3], dim: 8 };

beforeEach(() => tf.setBackend('cpu'));

// systems.md 1.4; [4, 4] is the summary that the notebook printed, [4, 4, 4] that of an earlier run of it.
it.each([
  [[4, 4], 593_408, 595_200],
  [[4, 4, 4], 857_344, 859_904],
  [[4], 329_472, 330_496],
  [[16], 1_118_976, 1_123_072],
  [[4, 16], 1_382_912, 1_387_776],
  [[64], 4_276_992, 4_293_376],
])('groups %o: %i parameters of the encoder, %i of the decoder', (groups, encoder, decoder) => {
  const model = new TokunAutoencoder({ groups });
  const rows = model.describe();
  const sum = (part: string) =>
    rows.filter(({ name }) => name.startsWith(part)).reduce((total, { params }) => total + params, 0);
  expect([sum('encoder/'), sum('decoder/')]).toEqual([encoder, decoder]);
  expect(model.countParams()).toBe(encoder + decoder);
  model.dispose();
});

it('without normalisation every block has 512 parameters less; attention has none', () => {
  const count = (config: TokunAutoencoderConfig) => {
    const model = new TokunAutoencoder(config);
    const params = model.countParams();
    model.dispose();
    return params;
  };
  expect(count({ normalization: false })).toBe(1_188_608 - 4 * 512);
  expect(count({ attention: false })).toBe(1_188_608);
});

// systems.md 1.7: 134 characters are 544 bytes and 34 vectors of 256.
it.each([
  [544, 34],
  [560, 35],
])('%i bytes are %i vectors', (bytes, tokens) => {
  const model = new TokunAutoencoder();
  tf.tidy(() => {
    const z = model.encode(random([bytes]));
    expect(z.shape).toEqual([tokens, 256]);
    expect(model.probs(z).shape).toEqual([bytes, 256]);
    expect(model.decode(z).shape).toEqual([bytes]);
    expect(model.encode(random([2, bytes])).shape).toEqual([2, tokens, 256]);
  });
  model.dispose();
});

/** The layers of systems.md 1.4, one by one, with the one-hot product. */
function layerByLayer(model: TokunAutoencoder, bytes: tf.Tensor): { z: tf.Tensor; logits: tf.Tensor } {
  const { groups } = model.config;
  const weight = (name: string) => model.weights[name]!;
  const silu = (x: tf.Tensor) => tf.mul(x, tf.sigmoid(x));
  const dense = (x: tf.Tensor, name: string) =>
    tf.add(tf.matMul(x as tf.Tensor2D, weight(`${name}/kernel`) as tf.Tensor as tf.Tensor2D), weight(`${name}/bias`));
  const norm = (x: tf.Tensor, name: string) => layerNormalization(x, weight(`${name}/gamma`), weight(`${name}/beta`));
  const attend = (x: tf.Tensor, name: string) => {
    const placed = tf.add(x, weight(`${name}/positions`));
    return dotAttention(placed, placed, placed, { scale: 1 });
  };
  let x = tf.matMul(
    tf.cast(tf.oneHot(bytes, 256), 'float32') as tf.Tensor2D,
    weight('encoder/embedding') as tf.Tensor as tf.Tensor2D,
  ) as tf.Tensor;
  for (const [i, factor] of groups.entries()) {
    const name = `encoder/block${i + 1}`;
    const divided = divide(norm(x, name), { inputAxis: 0, outputAxis: 1, factor, insert: true });
    x = silu(dense(merge(attend(divided, name), { leftAxis: -2, rightAxis: -1 }), name));
  }
  const z = x;
  for (const [i, factor] of [...groups].reverse().entries()) {
    const name = `decoder/block${i + 1}`;
    const divided = divide(silu(dense(x, name)), { inputAxis: -1, outputAxis: 1, factor, insert: true });
    x = norm(merge(attend(divided, name), { leftAxis: 0, rightAxis: 1 }), name);
  }
  return { z, logits: dense(x, 'decoder/head') };
}

it('is the network of the specification, layer by layer', () => {
  tf.tidy(() => {
    const model = new TokunAutoencoder(SMALL);
    for (const [i, weight] of Object.values(model.weights).entries()) {
      weight.assign(
        tf.tensor(
          normal(weight.size, i).map((x) => 0.5 * x),
          weight.shape,
        ),
      ); // biases and gains too
    }
    const bytes = random([30]);
    const { z, logits } = layerByLayer(model, bytes);
    expect(greatest(model.encode(bytes), z)).toBeLessThan(1e-5);
    expect(greatest(model.logits(z), logits)).toBeLessThan(1e-4);
    const nats = tf.neg(tf.sum(tf.mul(tf.oneHot(bytes, 256), tf.logSoftmax(logits)), -1));
    const found = model.evaluate(bytes);
    expect(greatest(found.nats, nats)).toBeLessThan(1e-4);
    expect(numbers(found.decoded)).toEqual(numbers(tf.argMax(logits, -1)));
    expect(numbers(model.reconstruct(bytes))).toEqual(numbers(found.decoded));
    expect(model.loss(bytes).dataSync()[0]!).toBeCloseTo(tf.mean(nats).dataSync()[0]!, 4);
    model.dispose();
  });
});

// Closed form: softmax of (1, 0) is (e, 1) / (e + 1).
it('attention of the rows (1, 0) and (0, 1)', () => {
  const x = tf.tensor3d([1, 0, 0, 1], [1, 2, 2]);
  const golden = [0.731059, 0.268941, 0.268941, 0.731059];
  numbers(attendWithin(x, 1)).forEach((value, i) => {
    expect(value).toBeCloseTo(golden[i]!, 6);
  });
  expect(attendWithin(x, undefined)).toBe(x);
  const scaled = numbers(attendWithin(x, 0.5));
  expect(scaled[0]).toBeCloseTo(Math.exp(0.5) / (Math.exp(0.5) + 1), 6);
});

// Closed form: mean 2.5, variance 1.25, epsilon 1e-3.
it('layer normalisation of (1, 2, 3, 4)', () => {
  const golden = [-1.341104, -0.447035, 0.447035, 1.341104];
  numbers(layerNormalization(tf.tensor([1, 2, 3, 4]), tf.ones([4]), tf.zeros([4]))).forEach((value, i) => {
    expect(value).toBeCloseTo(golden[i]!, 5);
  });
});

it('tokens do not see each other: what is side by side encodes side by side', () => {
  const model = new TokunAutoencoder({ groups: [4, 4], dim: 32 });
  tf.tidy(() => {
    const [a, b] = [random([48], 1), random([32], 2)];
    const together = model.encode(tf.concat([a, b]));
    expect(greatest(together, tf.concat([model.encode(a), model.encode(b)]))).toBeLessThan(1e-5);
    const changed = bytesOf(48, 1);
    changed[17] = changed[17]! ^ 1;
    const difference = tf.max(tf.abs(tf.sub(model.encode(tf.tensor1d(changed, 'int32')), model.encode(a))), -1);
    const [first, second, third] = numbers(difference);
    expect([first! < 1e-6, second! > 1e-4, third! < 1e-6]).toEqual([true, true, true]);
  });
  model.dispose();
});

it('probabilities of every byte sum to 1', () => {
  const model = new TokunAutoencoder(SMALL);
  tf.tidy(() => {
    const probs = model.probs(tf.mul(model.encode(random([24])), 30));
    for (const sum of numbers(tf.sum(probs, -1))) expect(Math.abs(sum - 1)).toBeLessThan(1e-5);
    expect(numbers(tf.argMax(probs, -1))).toEqual(numbers(model.decode(tf.mul(model.encode(random([24])), 30))));
  });
  model.dispose();
});

it('the same weights give the same outputs; another seed, others', () => {
  const [a, b] = [new TokunAutoencoder(SMALL), new TokunAutoencoder({ ...SMALL, seed: 1 })];
  tf.tidy(() => {
    const bytes = random([24]);
    expect(greatest(a.encode(bytes), b.encode(bytes))).toBeGreaterThan(1e-3);
    expect(Object.keys(b.weights)).toEqual(Object.keys(a.weights));
    for (const [name, weight] of Object.entries(b.weights)) weight.assign(a.weights[name]!.clone());
    expect(numbers(b.encode(bytes))).toEqual(numbers(a.encode(bytes)));
  });
  a.dispose();
  b.dispose();
});

// Keras: glorotNormal is a normal cut off at 2 of its deviations, scaled so that sqrt(2 / (fan in + fan out)) is left.
it('positions begin as Keras has them', () => {
  const draws = glorotNormal(4, 2500, 3);
  const stddev = Math.sqrt(2 / 2504);
  const variance = draws.reduce((sum, x) => sum + x * x, 0) / draws.length;
  expect(Math.abs(Math.sqrt(variance) / stddev - 1)).toBeLessThan(5 * Math.sqrt(0.5 / draws.length)); // 5 standard errors
  const limit = (2 * stddev) / 0.87962566103423978;
  expect(draws.every((x) => Math.abs(x) <= 1.0001 * limit)).toBe(true);
  expect(Math.max(...draws)).toBeGreaterThan(0.95 * limit);
});

it('random weights know nothing: about ln 256 nats a byte', () => {
  const model = new TokunAutoencoder({ dim: 32 });
  const loss = tf.tidy(() => model.loss(random([4, 64])).dataSync()[0]!);
  expect(Math.abs(loss - Math.log(256))).toBeLessThan(0.5);
  model.dispose();
});

it.each(['silu', 'relu', 'gelu', 'tanh'] as const)('%s: gradients are those of finite differences', (activation) => {
  const model = new TokunAutoencoder({ groups: [2, 2], dim: 4, activation, scaledAttention: activation === 'tanh' });
  const bytes = random([16]);
  const entries = Object.entries(model.weights);
  const { value, grads } = tf.variableGrads(
    () => model.loss(bytes),
    entries.map(([, weight]) => weight),
  );
  const step = 1e-2;
  for (const [name, weight] of entries) {
    const values = weight.dataSync().slice();
    const loss = (delta: number) => {
      const moved = values.slice() as Float32Array;
      moved[1] = moved[1]! + delta;
      return tf.tidy(() => {
        weight.assign(tf.tensor(moved, weight.shape));
        return model.loss(bytes).dataSync()[0]!;
      });
    };
    const slope = (loss(step) - loss(-step)) / (2 * step);
    tf.tidy(() => weight.assign(tf.tensor(values, weight.shape)));
    expect(Math.abs(grads[weight.name]!.dataSync()[1]! - slope), name).toBeLessThan(3e-3);
  }
  tf.dispose([value, grads, bytes]);
  model.dispose();
});

it('leaves nothing behind but its results', () => {
  const before = tf.memory().numTensors;
  const model = new TokunAutoencoder(SMALL);
  const [bytes, made] = [random([24]), tf.memory().numTensors];
  const z = model.encode(bytes);
  expect(tf.memory().numTensors).toBe(made + 1);
  tf.dispose([model.loss(bytes), model.logits(z), model.probs(z), model.decode(z), model.reconstruct(bytes)]);
  tf.dispose(Object.values(model.evaluate(bytes)));
  tf.dispose([z, bytes]);
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('refuses what does not fit', () => {
  const model = new TokunAutoencoder(SMALL);
  expect(() => model.loss(tf.zeros([6]))).toThrow(
    new TypeError("TokunAutoencoder.loss: bytes must be int32, got float32. Convert them: tf.cast(bytes, 'int32')."),
  );
  expect(() => model.encode(random([7]))).toThrow(
    'bytes must be [..., T], T a multiple of 6 and one token or more, got [7]. Pad them with zeros.',
  );
  expect(() => model.decode(tf.zeros([2, 7]))).toThrow('embeddings must be [..., M, 8], one or more, got [2, 7]');
  model.dispose();
  expect(() => new TokunAutoencoder({ groups: [] })).toThrow('groups must be one positive integer or more');
  expect(() => new TokunAutoencoder({ groups: [4, 0] })).toThrow('groups must be a positive integer, got 0');
  expect(() => new TokunAutoencoder({ activation: 'selu' as 'silu' })).toThrow('activation must be one of silu, relu');
});
