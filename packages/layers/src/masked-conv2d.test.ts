import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { initializers, type LayersModel, loadLayersModel, sequential } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { withKernel } from '../tests/with-kernel.ts';
import { expectGolden } from './fixtures/golden.ts';
import { MaskedConv2d, type MaskedConv2dArgs, type MaskType, maskedConv2d } from './masked-conv2d.ts';
import { registerLayers } from './register.ts';

const run = (layer: MaskedConv2d | LayersModel, x: tf.Tensor): tf.Tensor => layer.apply(x) as tf.Tensor;
const noise = (shape: number[], seed: number): tf.Tensor => tf.randomUniform(shape, -1, 1, 'float32', seed);

/** Row i, column j of a kernel of ones shows which neighbours the layer sums. */
const neighbours = (maskType: MaskType, kernelSize: number | [number, number]): number[][] => {
  const layer = new MaskedConv2d({ filters: 1, kernelSize, maskType, kernelInitializer: 'ones' });
  const size = 9;
  const centre = (size * size - 1) / 2;
  const seen = tf.grad((x: tf.Tensor) => tf.gather(tf.reshape(run(layer, x), [-1]), [centre]));
  return tf.reshape(seen(tf.zeros([1, size, size, 1])), [size, size]).arraySync() as number[][];
};

it.each([
  ['A', 7, 24],
  ['B', 7, 25],
  ['A', 3, 4],
  ['B', 3, 5],
  ['B', 1, 1],
  ['A', [1, 5], 2],
  ['B', [5, 3], 8],
] as [MaskType, number | [number, number], number][])(
  'type %s, kernel %j: %i live taps, all of them earlier',
  (maskType, kernelSize, live) => {
    const [height, width] = typeof kernelSize === 'number' ? [kernelSize, kernelSize] : kernelSize;
    const expected = Array.from({ length: 9 }, (_, i) =>
      Array.from({ length: 9 }, (_, j) => {
        const [down, right] = [i - 4, j - 4];
        const inside = Math.abs(down) <= (height - 1) / 2 && Math.abs(right) <= (width - 1) / 2;
        const earlier = down < 0 || (down === 0 && right < 0) || (maskType === 'B' && down === 0 && right === 0);
        return inside && earlier ? 1 : 0;
      }),
    );
    const got = neighbours(maskType, kernelSize);
    expect(got).toEqual(expected);
    expect(got.flat().reduce((sum, v) => sum + v)).toBe(live);
  },
);

// Counts: systems.md 4.2. Live: 24 * 128 + 128 and 5 * 64 * 64 + 64.
it.each([
  { maskType: 'A' as const, kernelSize: 7, channels: 1, filters: 128, params: 6400, live: 3200 },
  { maskType: 'B' as const, kernelSize: 3, channels: 64, filters: 64, params: 36928, live: 20544 },
  { maskType: 'B' as const, kernelSize: 1, channels: 128, filters: 128, params: 16512, live: 16512 },
])('stores $params parameters, $live of them live', ({ maskType, kernelSize, channels, filters, params, live }) => {
  const layer = new MaskedConv2d({ filters, kernelSize, maskType });
  layer.build([null, 16, 16, channels]);
  expect(layer.countParams()).toBe(params);
  expect(layer.countLiveParams()).toBe(live);
});

/** The formula in float64, taps spelt out: the oracle of the next two tests. x [H][W][C], kernel [kh][kw][C][F]. */
const oracle = (x: number[][][], kernel: number[][][][], bias: number[], maskType: MaskType): number[] => {
  const [kh, kw] = [kernel.length, kernel[0]!.length];
  return x.flatMap((row, i) =>
    row.flatMap((_, j) =>
      bias.map((b, f) => {
        let sum = b;
        kernel.forEach((taps, p) => {
          taps.forEach((tap, q) => {
            const [down, right] = [p - (kh - 1) / 2, q - (kw - 1) / 2];
            if (down > 0 || (down === 0 && (right > 0 || (right === 0 && maskType === 'A')))) return;
            tap.forEach((perFilter, c) => {
              sum += (x[i + down]?.[j + right]?.[c] ?? 0) * perFilter[f]!;
            });
          });
        });
        return Math.tanh(sum);
      }),
    ),
  );
};

const [HEIGHT, WIDTH, CHANNELS, FILTERS] = [4, 3, 2, 2];
const example = (maskType: MaskType) => {
  const layer = new MaskedConv2d({ filters: FILTERS, kernelSize: [3, 5], maskType, activation: 'tanh' });
  layer.build([null, HEIGHT, WIDTH, CHANNELS]);
  const weights = [noise([3, 5, CHANNELS, FILTERS], 2), tf.tensor([0.1, -0.2])];
  layer.setWeights(weights);
  const x = noise([1, HEIGHT, WIDTH, CHANNELS], 1);
  return { layer, x, kernel: weights[0]!, bias: [0.1, -0.2] };
};
const near = (got: ArrayLike<number>, golden: number[], tolerance: number): void => {
  expect(got.length).toBe(golden.length);
  golden.forEach((g, i) => {
    expect(Math.abs(got[i]! - g)).toBeLessThan(tolerance);
  });
};

it.each(['A', 'B'] as const)('type %s agrees with the formula in float64', (maskType) => {
  const { layer, x, kernel, bias } = example(maskType);
  const [image] = x.arraySync() as number[][][][];
  near(run(layer, x).dataSync(), oracle(image!, kernel.arraySync() as number[][][][], bias, maskType), 2e-6);
});

// Central differences of the float64 oracle, good to 1e-8; the tape has float32's 7 digits of sums of a few dozen terms.
it.each(['A', 'B'] as const)(
  'type %s: gradients are those of finite differences, exactly 0 at dead taps',
  (maskType) => {
    const { layer, x, kernel, bias } = example(maskType);
    const [pixels, taps] = [[...x.dataSync()], [...kernel.dataSync()]];
    const nest = (flat: number[], shape: number[]) => tf.tensor(flat, shape).arraySync();
    const objective = (flatX: number[], flatKernel: number[], b: number[]): number => {
      // Nested by hand where float64 matters: tf.tensor would round the step away.
      const at = (i: number, j: number, c: number) => flatX[(i * WIDTH + j) * CHANNELS + c]!;
      const image = (nest(pixels, [HEIGHT, WIDTH, CHANNELS]) as number[][][]).map((row, i) =>
        row.map((pixel, j) => pixel.map((_, c) => at(i, j, c))),
      );
      const weight = (p: number, q: number, c: number, f: number) =>
        flatKernel[((p * 5 + q) * CHANNELS + c) * FILTERS + f]!;
      const nested = (nest(taps, [3, 5, CHANNELS, FILTERS]) as number[][][][]).map((row, p) =>
        row.map((tap, q) => tap.map((perFilter, c) => perFilter.map((_, f) => weight(p, q, c, f)))),
      );
      return oracle(image, nested, b, maskType).reduce((sum, v, i) => sum + v * Math.cos(i), 0);
    };
    const slopes = (values: number[], f: (moved: number[]) => number): number[] =>
      values.map((_, k) => {
        const at = (d: number) => f(values.map((v, i) => (i === k ? v + d : v)));
        return (at(1e-5) - at(-1e-5)) / 2e-5;
      });
    const weights = tf.tensor(
      Array.from({ length: HEIGHT * WIDTH * FILTERS }, (_, i) => Math.cos(i)),
      [1, HEIGHT, WIDTH, FILTERS],
    );
    const loss = (t: tf.Tensor) => tf.sum(tf.mul(run(layer, t), weights)) as tf.Scalar;

    near(
      tf.grad(loss)(x).dataSync(),
      slopes(pixels, (moved) => objective(moved, taps, bias)),
      5e-6,
    );
    const { grads } = tf.variableGrads(() => loss(x));
    const [dKernel, dBias] = Object.values(grads);
    const byKernel = slopes(taps, (moved) => objective(pixels, moved, bias));
    near(dKernel!.dataSync(), byKernel, 5e-6);
    near(
      dBias!.dataSync(),
      slopes(bias, (moved) => objective(pixels, taps, moved)),
      5e-6,
    );
    const live = (maskType === 'A' ? 7 : 8) * CHANNELS * FILTERS;
    expect(new Set(dKernel!.dataSync().slice(live).map(Math.abs))).toEqual(new Set([0]));
    expect(byKernel.slice(0, live).every((slope) => slope !== 0)).toBe(true);
  },
);

// Golden: PyTorch's convolution by kernel * mask, fixtures/layers.py.
it.each<[MaskType, string, number]>([
  ['A', '3x3', 1],
  ['A', '1x5', 1],
  ['B', '5x1', 1],
  ['A', '3x3', 3],
  ['B', '3x3', 3],
  ['A', '1x1', 3],
  ['B', '1x3', 3],
])('maskedConv2d, type %s, %s, %i ordered colours: PyTorch, gradients too', (maskType, size, colours) => {
  expectGolden(`masked ${maskType} ${size}, colours ${colours}`, ({ x, kernel, bias }) =>
    maskedConv2d(x!, kernel!, bias, { maskType, colours }),
  );
});

it('maskedConv2d of six channels: PyTorch, gradients too', () => {
  expectGolden('six channels: masked', ({ x, kernel, bias }) => maskedConv2d(x!, kernel!, bias, { maskType: 'B' }));
});

it('a first layer works out no gradient by its image', async () => {
  const layer = new MaskedConv2d({ filters: 2, kernelSize: 3, maskType: 'A' });
  const x = tf.ones([1, 3, 3, 1]);
  run(layer, x);
  const { kernelNames } = await tf.profile(() => {
    tf.variableGrads(() => tf.sum(run(layer, x)));
  });
  expect(kernelNames).toContain('Conv2DBackpropFilter');
  expect(kernelNames).not.toContain('Conv2DBackpropInput');
});

// Rows below the centre cost nothing: the convolution gets 4 of 7 rows, 2 of 3, and of a single row what is left of the centre.
it.each<[MaskType, [number, number], number, [number, number]]>([
  ['A', [7, 7], 1, [4, 7]],
  ['B', [3, 3], 1, [2, 3]],
  ['A', [5, 1], 1, [2, 1]],
  ['A', [1, 7], 1, [1, 3]],
  ['B', [1, 7], 1, [1, 4]],
  ['A', [1, 1], 2, [1, 1]],
])('type %s %j, %i colours: convolves by a dense kernel of %j', (maskType, size, colours, box) => {
  const kernels: number[][] = [];
  const { kernelFunc } = tf.getKernel('Conv2D', tf.getBackend())!;
  const spy: tf.KernelFunc = (args) => {
    kernels.push(args.inputs.filter!.shape);
    return kernelFunc(args);
  };
  withKernel('Conv2D', spy, () =>
    maskedConv2d(tf.ones([1, 8, 8, 2]), tf.ones([...size, 2, 4]), undefined, { maskType, colours }),
  );
  expect(kernels).toEqual([[...box, 2, 4]]);
});

// Red sees nothing of its pixel, green red, blue red and green; above the first layer each sees its own too.
it.each<[MaskType, number[][]]>([
  ['A', [[], [0], [0, 1]]],
  ['B', [[0], [0, 1], [0, 1, 2]]],
])('type %s orders colours: a network sees of its own pixel just the earlier ones', (maskType, ofPixel) => {
  const layer = (type: MaskType, seed: number, filters: number) =>
    new MaskedConv2d({
      inputShape: [3, 3, seed === 1 ? 3 : 6],
      filters,
      kernelSize: 3,
      maskType: type,
      colours: 3,
      activation: 'tanh',
      kernelInitializer: initializers.randomUniform({ minval: -1, maxval: 1, seed }),
    });
  const net = sequential();
  net.add(layer(maskType, 1, 6));
  net.add(layer('B', 2, 3));
  const x = noise([1, 3, 3, 3], 3);
  const before = run(net, x).dataSync();
  const seen: number[][] = [[], [], []];
  for (const colour of [0, 1, 2]) {
    const moved = x.dataSync().slice();
    moved[4 * 3 + colour]! += 1; // of the pixel in the middle
    const after = run(net, tf.tensor(moved, x.shape)).dataSync();
    expect(after.slice(0, 4 * 3)).toEqual(before.slice(0, 4 * 3)); // raster-earlier ones: bit for bit
    expect(after.slice(5 * 3, 6 * 3).every((v, i) => v !== before[5 * 3 + i])).toBe(true);
    for (const output of [0, 1, 2]) if (after[4 * 3 + output] !== before[4 * 3 + output]) seen[output]!.push(colour);
  }
  expect(seen).toEqual(ofPixel);
});

// 4 of 9 taps, and of the centre's 9 pairs of groups 3 (A) or 6 (B): 4 * 18 + 6, 4 * 18 + 12; and 6 biases.
it.each<[MaskType, number]>([
  ['A', 84],
  ['B', 90],
])('type %s: counts the live pairs of colours', (maskType, live) => {
  const layer = new MaskedConv2d({ filters: 6, kernelSize: 3, maskType, colours: 3 });
  layer.build([null, 4, 4, 3]);
  expect(layer.countParams()).toBe(9 * 18 + 6);
  expect(layer.countLiveParams()).toBe(live);
});

// A first layer of type A, then two of type B, as in systems.md section 4, with dead taps full of rubbish.
const network = (): LayersModel => {
  const layer = (args: Partial<MaskedConv2dArgs>, seed: number) =>
    new MaskedConv2d({
      filters: 4,
      kernelSize: 3,
      maskType: 'B',
      activation: 'tanh',
      kernelInitializer: initializers.randomUniform({ minval: -1, maxval: 1, seed }),
      ...args,
    });
  return sequential({
    layers: [layer({ kernelSize: 5, maskType: 'A', inputShape: [6, 6, 2] }, 1), layer({}, 2), layer({ filters: 3 }, 3)],
  });
};

it('a network of them is causal before any training, bit for bit, and sees the pixel before', () => {
  const net = network();
  const x = noise([1, 6, 6, 2], 4);
  const before = run(net, x).dataSync();
  const perPixel = 3;
  const reachesTheNext: boolean[] = [];
  for (let pixel = 0; pixel < 36; pixel++) {
    const shifted = x.dataSync().slice();
    shifted[2 * pixel]! += 3;
    shifted[2 * pixel + 1]! -= 2;
    const after = run(net, tf.tensor(shifted, x.shape)).dataSync();
    const end = (pixel + 1) * perPixel; // outputs up to and at the pixel itself
    expect([...after.slice(0, end)]).toEqual([...before.slice(0, end)]);
    reachesTheNext.push(after.slice(end, end + perPixel).some((v, i) => v !== before[end + i]));
  }
  // The next pixel in raster order is out of reach only from the last column, far to its upper right, or at the very end.
  expect(reachesTheNext).toEqual(Array.from({ length: 36 }, (_, pixel) => pixel % 6 < 5));
});

// The length of a filter is that of its live taps: here sqrt(5 * 2), whatever the dead ones hold.
it('weight normalisation sees live taps alone', () => {
  const layer = new MaskedConv2d({ filters: 1, kernelSize: 3, maskType: 'B', useWeightNorm: true, useBias: false });
  layer.build([null, 3, 3, 2]);
  const kernel = tf.concat([tf.ones([10]), tf.fill([8], 1e6)]); // raster order: the five live taps come first
  layer.setWeights([tf.reshape(kernel, [3, 3, 2, 1]), tf.tensor1d([7])]);
  const middle = tf.reshape(run(layer, tf.ones([1, 3, 3, 2])), [-1]).dataSync()[4];
  expect(middle).toBeCloseTo((7 * 10) / Math.sqrt(10), 5);
});

it('predict leaves the stored kernel as it is, dead taps too', () => {
  const net = network();
  const stored = () => net.getWeights().map((w) => [...w.dataSync()]);
  const before = stored();
  tf.dispose(net.predict(noise([2, 6, 6, 2], 5)));
  expect(stored()).toEqual(before);
  expect(before[0]!.every((v) => v !== 0)).toBe(true);
});

it('saves and loads: the same outputs, mask types, kernels and initialisers', async () => {
  registerLayers();
  registerLayers();
  const net = network();
  let saved: tf.io.ModelArtifacts | undefined;
  await net.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  const throughJson = { ...saved!, modelTopology: JSON.parse(JSON.stringify(saved!.modelTopology)) as object };
  const loaded = await loadLayersModel(tf.io.fromMemory(throughJson));
  const x = noise([3, 6, 6, 2], 6);
  expect([...run(loaded, x).dataSync()]).toEqual([...run(net, x).dataSync()]);
  expect(loaded.layers.map((layer) => layer.getConfig())).toEqual(net.layers.map((layer) => layer.getConfig()));
  expect((loaded.layers[0] as MaskedConv2d).maskType).toBe('A');
});

it('takes initialisers by name, and goes without a bias', () => {
  const layer = new MaskedConv2d({
    filters: 1,
    kernelSize: 1,
    maskType: 'B',
    kernelInitializer: 'ones',
    biasInitializer: 'ones',
  });
  expect([...run(layer, tf.fill([1, 1, 1, 3], 2)).dataSync()]).toEqual([7]);
  const bare = new MaskedConv2d({
    filters: 1,
    kernelSize: 1,
    maskType: 'B',
    kernelInitializer: 'ones',
    useBias: false,
  });
  expect([...run(bare, tf.fill([1, 1, 1, 3], 2)).dataSync()]).toEqual([6]);
  expect(bare.countParams()).toBe(3);
  // An empty batch gives an empty result.
  expect(run(bare, tf.zeros([0, 2, 2, 3])).shape).toEqual([0, 2, 2, 1]);
});

it.each([
  [{ filters: 0 }, 'MaskedConv2d: filters must be a positive integer, got 0.'],
  [{ filters: 1.5 }, 'MaskedConv2d: filters must be a positive integer, got 1.5.'],
  [{ kernelSize: 4 }, 'so that there is a centre, got [4, 4].'],
  [{ kernelSize: [3, 0] }, 'so that there is a centre, got [3, 0].'],
  [{ kernelSize: Number.NaN }, 'so that there is a centre, got [NaN, NaN].'],
  [
    { maskType: 'C' as MaskType },
    'MaskedConv2d: maskType must be "A" (without the pixel itself) or "B" (with it), got "C".',
  ],
  [{ kernelSize: 1, maskType: 'A' }, 'a 1 x 1 kernel of maskType "A" sees nothing. Use "B", or a larger kernel.'],
  [{ kernelInitializer: 'glorot' }, 'MaskedConv2d: there is no initializer "Glorot".'],
] as [Partial<MaskedConv2dArgs>, string][])('refuses %o', (args, message) => {
  const make = () => new MaskedConv2d({ filters: 2, kernelSize: 3, maskType: 'A', ...args });
  expect(make).toThrow(RangeError);
  expect(make).toThrow(message);
});

it('refuses an input that is no image', () => {
  const layer = () => new MaskedConv2d({ filters: 2, kernelSize: 3, maskType: 'A' });
  expect(() => layer().apply(tf.ones([2, 3, 4]))).toThrow(RangeError);
  expect(() => layer().apply(tf.ones([2, 3, 4]))).toThrow(
    'must be [B, H, W, C] with a known number of channels, got [2, 3, 4].',
  );
});

it('leaves nothing behind but its result and its weights', () => {
  const before = tf.memory().numTensors;
  const layer = new MaskedConv2d({ filters: 2, kernelSize: 3, maskType: 'B', activation: 'relu' });
  const x = tf.ones([1, 3, 3, 1]);
  tf.dispose(run(layer, x));
  expect(tf.memory().numTensors).toBe(before + 3); // x, kernel, bias
  tf.dispose([run(layer, x), tf.grad((t: tf.Tensor) => run(layer, t))(x)]);
  expect(tf.memory().numTensors).toBe(before + 3);
  layer.dispose();
  x.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
