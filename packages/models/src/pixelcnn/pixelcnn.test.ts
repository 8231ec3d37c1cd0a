import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { normal, uniform } from '@proj/distributions/random';
import { describe, expect, it } from 'vitest';
import { PixelCnn, type PixelCnnConfig } from './pixelcnn.ts';

/** Levels [count, H, W, C]. */
const levelsOf = (
  { imageShape = [16, 16, 1], levels = 4 }: PixelCnnConfig,
  count: number,
  seed: number,
): tf.Tensor4D => {
  const shape: [number, number, number, number] = [count, ...imageShape];
  const draws = uniform(
    shape.reduce((a, b) => a * b, 1),
    seed,
  );
  return tf.tensor4d(
    draws.map((u) => Math.floor(u * levels)),
    shape,
  );
};

/** Weights unlike any fresh ones: biases, and values that depend on each other. */
function stirred(config: PixelCnnConfig): PixelCnn {
  const model = new PixelCnn({ seed: 4, ...config });
  Object.values(model.weights).forEach((weight, i) => {
    tf.tidy(() =>
      weight.assign(tf.add(tf.mul(weight, 2), tf.mul(tf.tensor(normal(weight.size, i), weight.shape), 0.2))),
    );
  });
  return model;
}

const SMALL: Record<string, PixelCnnConfig> = {
  single: { imageShape: [6, 5, 1], filters: 8, residualBlocks: 2 },
  'two stacks': { imageShape: [6, 5, 1], filters: 8, residualBlocks: 2, stacks: 'vertical-horizontal' },
  colours: { imageShape: [4, 4, 3], filters: 12, residualBlocks: 2, levels: 3 },
  'two stacks, colours': {
    ...{ imageShape: [4, 4, 3], filters: 12, residualBlocks: 1, levels: 3 },
    stacks: 'vertical-horizontal',
  },
};

// Counts: systems.md 4.2, by arithmetic: 6,400 + 5 x 53,504 + 2 x 16,512 + 516.
it.each([
  [4, 307_460, 222_340],
  [256, 339_968, 254_848],
])('with %i levels it stores %i weights, of which %i can matter', (levels, stored, live) => {
  const model = new PixelCnn({ levels });
  expect(model.countParams()).toBe(stored);
  expect(model.countLiveParams()).toBe(live);
  const rows = model.describe();
  expect(rows.reduce((sum, { params }) => sum + params, 0)).toBe(stored);
  expect(rows[0]).toEqual({ name: 'first', type: 'MaskedConv2d', outputShape: [null, 16, 16, 128], params: 6400 });
  model.dispose();
});

it.each(Object.entries(SMALL))('is causal bit for bit, before any training and after: %s', (_, config) => {
  for (const model of [new PixelCnn(config), stirred(config)]) {
    const { imageShape, levels } = model.config;
    const [height, width, channels] = imageShape;
    const values = height * width * channels;
    tf.tidy(() => {
      const base = levelsOf(model.config, 1, 1).dataSync();
      // Image 1 + v has another level in value v, in raster order and channel after channel.
      const images = Float32Array.from({ length: (1 + values) * values }, (_, i) => {
        const [image, v] = [Math.floor(i / values), i % values];
        return image === 1 + v ? (base[v]! + 1) % levels : base[v]!;
      });
      const logits = model.logits(tf.tensor4d(images, [1 + values, ...imageShape])).dataSync();
      const each = values * levels;
      for (let v = 0; v < values; v++) {
        const changed = logits.slice((1 + v) * each, (2 + v) * each);
        const upTo = (v + 1) * levels; // logits of the value itself included
        expect(changed.slice(0, upTo)).toEqual(logits.slice(0, upTo));
        if (v < values - 1) expect(changed.slice(upTo)).not.toEqual(logits.slice(upTo, each));
      }
    });
    model.dispose();
  }
});

/** The pixels that the logits of `pixel` depend on, where no weight cancels another, as [row, column] from it. */
function support(config: PixelCnnConfig, [row, column]: [number, number]): string[] {
  return tf.tidy(() => {
    const model = new PixelCnn({ filters: 2, ...config });
    for (const weight of Object.values(model.weights)) weight.assign(tf.fill(weight.shape, 0.5));
    const [height, width] = model.config.imageShape;
    const ofPixel = (x: tf.Tensor) => tf.sum(tf.slice(model.logits(x), [0, row, column, 0, 0], [1, 1, 1, 1, -1]));
    const gradient = tf
      .grad(ofPixel)(tf.ones([1, height, width, 1]))
      .dataSync();
    const places = Array.from(gradient, (slope, i) =>
      slope === 0 ? '' : `${Math.floor(i / width) - row},${(i % width) - column}`,
    );
    model.dispose();
    return places.filter((place) => place !== '');
  });
}

// systems.md 4.2: 129 pixels; 8 up, 8 to the left, d rows up min(d + 2, 8) to the right.
it('sees exactly its receptive field, blind spot and all', () => {
  const expected = new Set<string>();
  for (let left = 1; left <= 8; left++) expected.add(`0,${-left}`);
  for (let up = 1; up <= 8; up++) {
    for (let dx = -8; dx <= Math.min(up + 2, 8); dx++) expected.add(`${-up},${dx}`);
  }
  expect(expected.size).toBe(129);
  expect(support({ imageShape: [18, 19, 1] }, [9, 9]).sort()).toEqual([...expected].sort());
});

it('two stacks have no blind spot', () => {
  const seen = support({ imageShape: [12, 19, 1], stacks: 'vertical-horizontal' }, [9, 9]);
  for (let up = 1; up <= 8; up++) {
    for (let dx = -8; dx <= 8; dx++) expect(seen).toContain(`${-up},${dx}`);
  }
  for (let left = 1; left <= 8; left++) expect(seen).toContain(`0,${-left}`);
  expect(seen.filter((place) => /^([1-9]|0,\d)/.test(place))).toEqual([]); // nothing below, nor on its row from itself on
});

it('dead taps get a gradient of exactly 0, live ones another; using the model changes no kernel', async () => {
  const model = stirred({ imageShape: [10, 10, 1], filters: 4, residualBlocks: 1 });
  const x = levelsOf(model.config, 4, 2);
  const names = Object.keys(model.weights);
  const before = names.map((name) => Array.from(model.weights[name]!.dataSync()));
  const { value, grads } = tf.variableGrads(() => model.loss(x), Object.values(model.weights));
  const live = (name: string) => {
    const weight = model.weights[name]!;
    const [height, width, ,] = weight.shape as [number, number, number, number];
    const slopes = grads[weight.name]!.dataSync();
    const size = slopes.length / (height * width);
    return Array.from({ length: height * width }, (_, tap) =>
      slopes.slice(tap * size, (tap + 1) * size).some((g) => g !== 0),
    );
  };
  expect(live('first/kernel')).toEqual(Array.from({ length: 49 }, (_, tap) => tap < 24));
  expect(live('block1/middle/kernel')).toEqual(Array.from({ length: 9 }, (_, tap) => tap < 5));
  (await model.sample({ count: 2, seed: 1 })).dispose();
  model.logProb(x).dispose();
  expect(names.map((name) => Array.from(model.weights[name]!.dataSync()))).toEqual(before);
  tf.dispose([value, grads, x]);
  model.dispose();
});

/** Every image of the size. */
function allImages({ imageShape = [2, 2, 1], levels = 4 }: PixelCnnConfig): tf.Tensor4D {
  const values = imageShape[0] * imageShape[1] * imageShape[2];
  const count = levels ** values;
  const data = Float32Array.from({ length: count * values }, (_, i) => {
    return Math.floor(Math.floor(i / values) / levels ** (i % values)) % levels;
  });
  return tf.tensor4d(data, [count, ...imageShape]);
}

const TINY: Record<string, PixelCnnConfig> = {
  '2 x 2, 4 levels': { imageShape: [2, 2, 1], levels: 4, filters: 8, residualBlocks: 2 },
  'two stacks': { imageShape: [2, 2, 1], levels: 4, filters: 8, residualBlocks: 2, stacks: 'vertical-horizontal' },
  '1 x 2, 3 colours, 3 levels': { imageShape: [1, 2, 3], levels: 3, filters: 6, residualBlocks: 1 },
  'two stacks, 2 x 2, 2 colours': {
    ...{ imageShape: [2, 2, 2], levels: 2, filters: 8, residualBlocks: 1 },
    stacks: 'vertical-horizontal',
  },
};

it.each(Object.entries(TINY))('probabilities of all images add up to 1, before any training: %s', (_, config) => {
  for (const model of [new PixelCnn(config), stirred(config)]) {
    tf.tidy(() => {
      const total = Array.from(model.logProb(allImages(config)).dataSync()).reduce((sum, l) => sum + Math.exp(l), 0);
      expect(Math.abs(total - 1)).toBeLessThan(1e-5);
    });
    model.dispose();
  }
});

/** Chi-square of counts under probabilities in standard deviations from its mean; cells expected below 5 are one. */
function chiSquare(counts: readonly number[], probabilities: readonly number[]): number {
  const total = counts.reduce((sum, n) => sum + n, 0);
  let [statistic, cells, restSeen, restExpected] = [0, 0, 0, 0];
  probabilities.forEach((p, i) => {
    const expected = p * total;
    if (expected < 5) {
      restSeen += counts[i]!;
      restExpected += expected;
    } else {
      statistic += (counts[i]! - expected) ** 2 / expected;
      cells++;
    }
  });
  if (restExpected > 0) {
    statistic += (restSeen - restExpected) ** 2 / restExpected;
    cells++;
  }
  return (statistic - (cells - 1)) / Math.sqrt(2 * (cells - 1));
}

// 5 standard deviations of a chi-square: a right sampler fails about one seed in 100,000; a temperature of 1.3 is 16 away.
// The cached sampler: apps/trainer/tests/sampler.test.ts, where the engine has it.
it.each(Object.entries(TINY).filter(([name]) => !name.includes('stacks')))(
  'draws images with their probabilities: %s',
  async (_, config) => {
    const model = stirred(config);
    const images = allImages(config);
    const logProbs = model.logProb(images);
    const probabilities = Array.from(logProbs.dataSync(), Math.exp);
    const drawn = await model.sample({ count: 5000, seed: 0 });
    const values = images.size / probabilities.length;
    const counts = probabilities.map(() => 0);
    const data = drawn.dataSync();
    for (let at = 0; at < data.length; at += values) {
      let image = 0;
      for (let v = values - 1; v >= 0; v--) image = image * model.config.levels + data[at + v]!;
      counts[image]!++;
    }
    expect(Math.abs(chiSquare(counts, probabilities))).toBeLessThan(5);
    tf.dispose([images, logProbs, drawn]);
    model.dispose();
  },
);

it('natsPerPixel and loss are shares of logProb; labels choose other biases', () => {
  const model = stirred({ ...SMALL.single, classes: 3 });
  expect(model.countParams()).toBe(stirredCount(SMALL.single!) + 3 * (8 + 2 * 4)); // a bias a filter of three layers
  expect(model.describe().reduce((sum, { params }) => sum + params, 0)).toBe(model.countParams());
  tf.tidy(() => {
    const x = levelsOf(model.config, 3, 5);
    const labels = tf.tensor1d([0, 1, 2], 'int32');
    const logProb = model.logProb(x, { labels }).dataSync();
    const nats = model.natsPerPixel(x, { labels }).dataSync();
    logProb.forEach((l, i) => {
      expect(nats[i]).toBeCloseTo(-l / 30, 5);
    });
    const loss = model.loss(x, 0, { labels }).dataSync()[0]!;
    expect(loss).toBeCloseTo(-(logProb[0]! + logProb[1]! + logProb[2]!) / 90, 5);
    const others = model.logProb(x, { labels: tf.tensor1d([1, 1, 0], 'int32') }).dataSync();
    expect(others[0]).not.toBe(logProb[0]);
    expect(others[1]).toBe(logProb[1]);
    expect(others[2]).not.toBe(logProb[2]);
  });
  model.dispose();
});

function stirredCount(config: PixelCnnConfig): number {
  const model = new PixelCnn(config);
  const count = model.countParams();
  model.dispose();
  return count;
}

describe('sample', () => {
  const model = stirred(SMALL.single!);
  const draw = async (options: Parameters<PixelCnn['sample']>[0]) => {
    const images = await model.sample(options);
    const result = { shape: images.shape, values: Array.from(images.dataSync()) };
    images.dispose();
    return result;
  };

  it('one seed is one set of images, whatever their number; temperature 0 needs no seed', async () => {
    const five = await draw({ count: 5, seed: 0 });
    expect(five.shape).toEqual([5, 6, 5, 1]);
    expect((await draw({ count: 2, seed: 0 })).values).toEqual(five.values.slice(0, 60));
    expect((await draw({ count: 5, seed: 1 })).values).not.toEqual(five.values);
    const coldest = await draw({ count: 2, seed: 0, temperature: 0 });
    expect((await draw({ count: 2, seed: 9, temperature: 0 })).values).toEqual(coldest.values);
    expect(coldest.values.slice(0, 30)).toEqual(coldest.values.slice(30));
  });

  it('temperature 0 takes the largest logit of every pixel', async () => {
    const { values, shape } = await draw({ seed: 0, temperature: 0 });
    tf.tidy(() => {
      const logits = model.logits(tf.tensor(values, shape));
      expect(Array.from(tf.argMax(logits, -1).dataSync())).toEqual(values);
    });
  });

  it('keeps what is given and draws the rest as if it had drawn that itself', async () => {
    const whole = await draw({ count: 2, seed: 3 });
    const given = tf.tensor(whole.values, whole.shape);
    const mask = tf.tensor3d(
      Array.from({ length: 30 }, (_, i) => (i < 12 ? 1 : 0)),
      [6, 5, 1],
    );
    expect((await draw({ given, mask, seed: 3 })).values).toEqual(whole.values); // the same noise for the same pixels
    const completed = (await draw({ given, mask, seed: 4 })).values;
    expect(completed).not.toEqual(whole.values);
    completed.forEach((level, i) => {
      if (i % 30 < 12) expect(level).toBe(whole.values[i]);
    });
    tf.dispose([given, mask]);
  });

  it('tells of its progress, row by row, and stops when asked', async () => {
    const progress: [number, number][] = [];
    const stop = new AbortController();
    const before = tf.memory().numTensors;
    const drawing = draw({
      ...{ seed: 0, signal: stop.signal },
      onProgress: (done, total) => {
        progress.push([done, total]);
        if (done === 10) stop.abort(new Error('enough'));
      },
    });
    await expect(drawing).rejects.toThrow('enough');
    expect(progress).toEqual([
      [5, 30],
      [10, 30],
    ]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('leaves nothing behind but the images', async () => {
    const before = tf.memory().numTensors;
    const given = levelsOf(model.config, 2, 0);
    const images = await model.sample({ given, mask: tf.ones([1, 1, 1]), seed: 0 });
    expect(Array.from(images.dataSync())).toEqual(Array.from(given.dataSync()));
    tf.dispose([images, given]);
    expect(tf.memory().numTensors).toBe(before + 1); // the mask
  });

  it.each([
    ['count', { count: 0, seed: 0 }, /count must be a positive integer, got 0/],
    ['seed', { seed: -1 }, /seed must be a non-negative safe integer, got -1/],
    ['temperature', { seed: 0, temperature: -1 }, /temperature must be 0 or more, got -1/],
    ['given without mask', { seed: 0, given: tf.zeros([1, 6, 5, 1]) }, /given and mask go together/],
    ['the size of given', { seed: 0, given: tf.zeros([1, 6, 6, 1]) }, /must be \[B, 6, 5, 1\].*got \[1, 6, 6, 1\]/],
    ['mask', { seed: 0, given: tf.zeros([1, 6, 5, 1]), mask: tf.zeros([5, 6, 1]) }, /mask must broadcast to \[1, 6, 5, 1\], got \[5, 6, 1\]/], // biome-ignore format: one row
    ['labels', { seed: 0, labels: [1] }, /without classes/],
  ])('refuses a wrong %s', async (_, options, message) => {
    await expect(model.sample(options)).rejects.toThrow(message);
  });

  it('says where the cached sampler comes from when the engine lacks it', async () => {
    const own = tf.getKernel('ProjCausalSampler', tf.getBackend()); // where useEngine has been called
    if (own !== undefined) tf.unregisterKernel(own.kernelName, own.backendName);
    try {
      await expect(model.sample({ seed: 0, method: 'cached' })).rejects.toThrow(/useEngine of @proj\/backend/);
    } finally {
      if (own !== undefined) tf.registerKernel(own);
    }
  });
});

it('a hundred steps add no tensor', () => {
  const model = new PixelCnn({ imageShape: [4, 4, 1], filters: 4, residualBlocks: 1 });
  const x = levelsOf(model.config, 2, 0);
  const adam = tf.train.adam(0.01);
  const step = () => adam.minimize(() => model.loss(x), false, Object.values(model.weights));
  step();
  const before = tf.memory().numTensors;
  for (let i = 0; i < 100; i++) step();
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose(x);
  model.dispose();
});

it.each<[PixelCnnConfig, RegExp]>([
  [{ levels: 1 }, /levels must be an integer of 2 or more, got 1/],
  [{ filters: 7 }, /filters must be a multiple of twice the channels, 2, got 7. Use 8/],
  [{ filters: 128, imageShape: [8, 8, 3] }, /multiple of twice the channels, 6, got 128. Use 126/],
  [{ residualBlocks: -1 }, /residualBlocks must be an integer of 0 or more, got -1/],
  [{ classes: 1.5 }, /classes must be an integer of 0 or more, got 1.5/],
  [{ inputDivisor: 0 }, /inputDivisor must be positive, got 0/],
  [{ imageShape: [8, 0, 1] }, /imageShape must be \[height, width, channels\], got \[8, 0, 1\]/],
  [{ stacks: 'both' as 'single' }, /stacks must be one of single, vertical-horizontal, got both/],
])('refuses the configuration %o', (config, message) => {
  const build = () => new PixelCnn(config);
  expect(build).toThrow(RangeError);
  expect(build).toThrow(message);
});

it('refuses levels that are none, images of another size, and labels that are none', () => {
  const model = new PixelCnn({ ...SMALL.single, classes: 2 });
  const labels = tf.tensor1d([1], 'int32');
  const withLevel = (level: number) => tf.fill([1, 6, 5, 1], level);
  const cases: [tf.Tensor, tf.Tensor | undefined, RegExp][] = [
    [withLevel(4), labels, /integers from 0 to 3, got 4. For bytes: floor\(byte \/ 64\)/],
    [withLevel(-1), labels, /integers from 0 to 3, got -1/],
    [withLevel(0.5), labels, /got 0.5/],
    [withLevel(Number.NaN), labels, /got NaN/],
    [tf.zeros([1, 6, 5, 3]), labels, /must be \[B, 6, 5, 1\] with B at least 1, got \[1, 6, 5, 3\]/],
    [tf.zeros([0, 6, 5, 1]), labels, /got \[0, 6, 5, 1\]/],
    [withLevel(0), undefined, /has 2 classes: give labels, \[1\]/],
    [withLevel(0), tf.tensor1d([2], 'int32'), /from 0 to 1, got 2/],
    [withLevel(0), tf.tensor1d([1]), /must be int32 \[1\], got float32 \[1\]/],
  ];
  for (const [x, given, message] of cases) {
    for (const use of [model.loss.bind(model, x, 0), model.logProb.bind(model, x), model.logits.bind(model, x)]) {
      const call = () => use(given ? { labels: given } : {});
      expect(call).toThrow(RangeError);
      expect(call).toThrow(message);
    }
  }
  model.dispose();
});
