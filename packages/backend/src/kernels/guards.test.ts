import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { useEngine } from '../index.ts';
import { canRun, type WasmBuild } from '../wasm/build.ts';
import { Own } from '../wasm/own.ts';
import { releaseWorkSpace } from './gemm.ts';

interface Module {
  _malloc(bytes: number): number;
  _free(address: number): void;
  asm: { memory: WebAssembly.Memory };
}

const GUARD = 256;
const PATTERN = 0xa5;

/**
 * Puts a guard behind everything that tfjs and our kernels allocate from here on: outputs, scratch and work space. A kernel that writes past
 * the end of what it was given breaks it; without a guard the program would die in malloc, much later.
 */
function guarded() {
  const module = (tf.backend() as unknown as { wasm: Module }).wasm;
  module._free(module._malloc(8)); // the first call of each puts itself in its own place
  const { _malloc: malloc, _free: free } = module;
  const ends = new Map<number, number>();
  const bytes = () => new Uint8Array(module.asm.memory.buffer);
  module._malloc = (size) => {
    const address = malloc(size + GUARD) >>> 0;
    ends.set(address, address + size);
    bytes().fill(PATTERN, address + size, address + size + GUARD);
    return address;
  };
  module._free = (address) => {
    ends.delete(address >>> 0);
    free(address);
  };
  return {
    /** Sizes of the pieces of memory whose guard is broken. */
    broken: (): number[] => {
      const memory = bytes();
      const isBroken = (end: number) => memory.subarray(end, end + GUARD).some((byte) => byte !== PATTERN);
      return [...ends].filter(([, end]) => isBroken(end)).map(([address, end]) => end - address);
    },
    release: () => Object.assign(module, { _malloc: malloc, _free: free }),
  };
}

/** Has every kernel take its work space anew, so that none lives on what a larger one reserved. Returns the way back. */
function withoutSharedSpace(): () => void {
  const kernels = tf.getKernelsForBackend('wasm');
  const register = (config: tf.KernelConfig) => {
    tf.unregisterKernel(config.kernelName, 'wasm');
    tf.registerKernel(config);
  };
  for (const config of kernels) {
    const kernelFunc: tf.KernelFunc = (args) => {
      releaseWorkSpace(Own.get()!);
      return config.kernelFunc(args);
    };
    register({ ...config, kernelFunc });
  }
  return () => kernels.forEach(register);
}

const size = (max: number) => fc.integer({ min: 1, max });
const fill = (shape: number[]) => tf.fill(shape, 0.5);

type Case = () => unknown;

const convolution = fc
  .record({
    batch: size(3),
    height: size(12),
    width: size(12),
    channels: fc.oneof(size(5), fc.constantFrom(8, 17)),
    out: fc.oneof(size(9), fc.constantFrom(16, 24, 32, 33)),
    kh: size(4),
    kw: size(4),
    stride: size(3),
    pad: fc.constantFrom<'same' | 'valid'>('same', 'valid'),
  })
  .filter(({ height, width, kh, kw, pad }) => pad === 'same' || (height >= kh && width >= kw))
  .map((c): [string, Case] => [
    `conv2d and gradients ${JSON.stringify(c)}`,
    () => {
      const x = fill([c.batch, c.height, c.width, c.channels]) as tf.Tensor4D;
      const filter = fill([c.kh, c.kw, c.channels, c.out]) as tf.Tensor4D;
      const f = (a: tf.Tensor, w: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, w as tf.Tensor4D, c.stride, c.pad);
      return tf.grads(f)([x, filter]);
    },
  ]);

const depthwise = fc
  .record({ batch: size(2), height: size(9), width: size(9), channels: size(9), k: size(3), stride: size(2) })
  .map((c): [string, Case] => [
    `depthwise and gradients ${JSON.stringify(c)}`,
    () => {
      const x = fill([c.batch, c.height, c.width, c.channels]) as tf.Tensor4D;
      const filter = fill([c.k, c.k, c.channels, 1]) as tf.Tensor4D;
      const f = (a: tf.Tensor, w: tf.Tensor) =>
        tf.depthwiseConv2d(a as tf.Tensor4D, w as tf.Tensor4D, c.stride, 'same');
      return tf.grads(f)([x, filter]);
    },
  ]);

const product = fc
  .record({ b: size(3), m: size(70), k: size(300), n: size(70), ta: fc.boolean(), tb: fc.boolean() })
  .map((c): [string, Case] => [
    `matMul ${JSON.stringify(c)}`,
    () => {
      const a = fill(c.ta ? [c.b, c.k, c.m] : [c.b, c.m, c.k]);
      const b = fill(c.tb ? [c.b, c.n, c.k] : [c.b, c.k, c.n]);
      const row = fill([c.n]) as tf.Tensor1D;
      const flat = { a: fill([c.m, c.k]) as tf.Tensor2D, b: fill([c.k, c.n]) as tf.Tensor2D };
      return [tf.matMul(a, b, c.ta, c.tb), tf.fused.matMul({ ...flat, bias: row, activation: 'relu' })];
    },
  ]);

const optimiser = fc.array(size(70), { minLength: 1, maxLength: 3 }).map((sizes): [string, Case] => [
  `ProjAdamAll of [${sizes}]`,
  () => {
    const inputs: tf.NamedTensorMap = {};
    for (const [i, n] of sizes.entries()) {
      for (const name of ['weight', 'm', 'v', 'gradient']) inputs[`${name}${i}`] = fill([n]);
      if (i === 0) tf.clone(inputs.weight0!); // shared: not in place
    }
    const decay = { weightDecay: sizes.map(() => 0.1), clipNorm: 1, gradientScale: 1 };
    const attrs = { beta1: 0.9, beta2: 0.9, epsilon: 0.1, learningRate: 1, correction1: 1, correction2: 1, ...decay };
    return tf.engine().runKernel('ProjAdamAll', inputs, attrs);
  },
]);
const sequences = fc
  .record({
    batch: fc.oneof(size(9), size(110)),
    steps: size(4),
    units: fc.oneof(size(20), fc.constantFrom(33, 70, 259)),
    backward: fc.boolean(),
    resetAfter: fc.boolean(),
  })
  .map((c): [string, Case] => [
    `LSTM and GRU over sequences ${JSON.stringify(c)}`,
    () => {
      const { batch, steps, units, backward, resetAfter } = c;
      const first = { h: fill([batch, units]), c: fill([batch, units]), mask: tf.ones([batch, steps]) };
      const attrs = { backward, resetAfter };
      const lstm = (projected: tf.Tensor, recurrent: tf.Tensor) =>
        tf.engine().runKernel('ProjLstmSequence', { projected, recurrent, ...first }, attrs) as tf.Tensor[];
      const { h, mask } = first;
      const gru = (projected: tf.Tensor, recurrent: tf.Tensor) =>
        tf.engine().runKernel('ProjGruSequence', { projected, recurrent, h, mask }, attrs) as tf.Tensor[];
      for (const [run, gates] of [
        [lstm, 4],
        [gru, 3],
      ] as const) {
        const gradients = tf.grads((x, u) => run(x, u)[0]!);
        gradients([fill([batch, steps, gates * units]), fill([units, gates * units])]);
      }
    },
  ]);

const entropy = fc
  .record({ n: fc.oneof(size(30), size(400)), d: fc.oneof(size(20), size(300)), v: fc.oneof(size(40), size(300)) })
  .map((c): [string, Case] => [
    `cross-entropy ${JSON.stringify(c)}`,
    () => {
      const run = (name: string, inputs: object, gradient: boolean) =>
        tf.engine().runKernel(name, inputs as tf.NamedTensorMap, { gradient });
      const labels = tf.fill([c.n], c.v - 1, 'int32');
      const dense = { x: fill([c.n, c.d]), kernel: fill([c.d, c.v]), bias: fill([c.v]), labels, weights: fill([c.n]) };
      return [true, false].map((gradient) => [
        run('ProjDenseCrossEntropy', dense, gradient),
        run('ProjSparseCrossEntropy', { logits: fill([c.n, c.v]), labels }, gradient),
      ]);
    },
  ]);

const rest = fc.array(size(9), { minLength: 1, maxLength: 4 }).map((shape): [string, Case] => [
  `elementwise, reductions and moves of [${shape}]`,
  () => {
    const x = fill(shape);
    const turned = shape.map((_, i) => i).reverse();
    const bools = tf.greater(x, 0.2);
    const joined = tf.concat([x, x], 0);
    const out = [
      ...[
        tf.exp(x),
        tf.tanh(x),
        tf.softplus(x),
        tf.log1p(x),
        tf.add(x, 1),
        tf.maximum(x, x),
        tf.where(bools, x, tf.slice(joined, 0, shape[0]!)),
      ],
      ...[tf.sum(x, 0), tf.sum(x, -1), tf.mean(x), tf.max(x, 0), tf.softmax(x), tf.logSoftmax(x), tf.argMax(x, 0)],
      ...[
        tf.transpose(x, turned),
        joined,
        tf.stack([x, x], -1),
        tf.tile(
          x,
          shape.map(() => 2),
        ),
        tf.reverse(x),
        tf.cumsum(x, 0),
      ],
      ...[
        tf.pad(
          x,
          shape.map(() => [1, 2] as [number, number]),
        ),
        tf.gather(x, tf.tensor1d([0, 0, 0], 'int32')),
        tf.cast(bools, 'int32'),
      ],
      ...[tf.split(joined, 2, 0), tf.unstack(x), tf.logicalNot(bools), tf.oneHot(tf.tensor1d([0, 2, 1], 'int32'), 5)],
      tf.unsortedSegmentSum(x, tf.zeros([shape[0]!], 'int32') as tf.Tensor1D, 3),
    ];
    return out;
  },
]);

const probability = fc
  .record({ sets: size(2), n: size(9), k: size(21), channels: size(4), linked: fc.boolean() })
  .map((c): [string, Case] => [
    `layer normalisation, cross-entropy, KL and mixtures ${JSON.stringify(c)}`,
    () => {
      const kernel = (name: string, inputs: Record<string, tf.Tensor>, attrs = {}) =>
        tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attrs) as tf.Tensor[];
      const [x, row] = [fill([c.n, c.k]), fill([c.k])];
      const [, mean, inverse] = kernel('ProjLayerNorm', { x, gamma: row, beta: row }, { epsilon: 1 });
      const each = fill([c.n, c.k, c.channels]);
      return [
        kernel('ProjLayerNormGrad', { dy: x, x, gamma: row, mean: mean!, inverse: inverse! }),
        kernel('ProjSigmoidCrossEntropy', { x, logits: x }, { gradient: true }),
        kernel('ProjGaussianKl', { loc: x, logVariance: x }),
        ...[false, true].map((gradient) =>
          kernel(
            'ProjLogisticMixture',
            {
              value: fill([c.sets * c.n, c.channels]),
              ...{ logits: x, loc: each, scale: each },
              coefficients: fill([c.n, c.k, c.linked ? (c.channels * (c.channels - 1)) / 2 : 0]),
            },
            { low: 0, high: 1, gradient },
          ),
        ),
      ];
    },
  ]);

describe.each((['plain', 'fused'] as WasmBuild[]).filter(canRun))(
  'no kernel writes past its memory, %s build',
  (wasmBuild) => {
    it.each([
      ['convolutions', convolution, 150],
      ['depthwise convolutions', depthwise, 40],
      ['products', product, 80],
      ['the optimiser', optimiser, 30],
      ['sequences', sequences, 40],
      ['cross-entropy', entropy, 60],
      ['probability', probability, 60],
      ['the rest', rest, 60],
    ] as const)('%s', async (_, cases, numRuns) => {
      await useEngine('wasm', { wasmBuild });
      const guards = guarded();
      const restore = withoutSharedSpace();
      try {
        fc.assert(
          fc.property(cases, ([name, run]) => {
            tf.tidy(() => {
              run();
              expect(guards.broken(), name).toEqual([]);
            });
          }),
          { seed: 7, numRuns, endOnFailure: true }, // a broken guard stays broken: shrinking would blame the innocent
        );
      } finally {
        restore();
        releaseWorkSpace(Own.get()!);
        guards.release();
      }
    });
  },
);
