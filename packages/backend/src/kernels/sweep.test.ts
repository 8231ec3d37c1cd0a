import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { ints } from '../../tests/differences.ts';
import { on, startEngines, values } from '../../tests/engines.ts';

beforeAll(startEngines);

const SPECIAL = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  1,
  -1,
  1e-8,
  -1e-8,
  0.5,
  -2.5,
  7,
  88,
];

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

// Left out, because the engines differ and it is cpu that is wrong or a matter of taste: erf near 0, sign of NaN,
// floorDiv's type, mod of a tiny number by one of the other sign. maximum, minimum, pow, relu6, clipByValue, log1p, expm1
// and selu differ in tfjs (NaN, small numbers): kernels of our own replace them.
const UNARY: [string, Unary][] = Object.entries({
  abs: tf.abs,
  acos: tf.acos,
  acosh: tf.acosh,
  asin: tf.asin,
  asinh: tf.asinh,
  atan: tf.atan,
  atanh: tf.atanh,
  ceil: tf.ceil,
  cos: tf.cos,
  cosh: tf.cosh,
  elu: tf.elu,
  exp: tf.exp,
  floor: tf.floor,
  leakyRelu: tf.leakyRelu,
  log: tf.log,
  neg: tf.neg,
  reciprocal: tf.reciprocal,
  relu: tf.relu,
  round: tf.round,
  rsqrt: tf.rsqrt,
  sigmoid: tf.sigmoid,
  sin: tf.sin,
  sinh: tf.sinh,
  softplus: tf.softplus,
  sqrt: tf.sqrt,
  square: tf.square,
  step: tf.step,
  tan: tf.tan,
  tanh: tf.tanh,
  isNaN: tf.isNaN,
  isInf: tf.isInf,
  isFinite: tf.isFinite,
});

const BINARY: [string, Binary][] = Object.entries({
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  atan2: tf.atan2,
  squaredDifference: tf.squaredDifference,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
  equal: tf.equal,
  notEqual: tf.notEqual,
  divNoNan: tf.divNoNan,
});

const REDUCTIONS: [string, Unary][] = [
  ...([0, 1, -1, [0, 2], [1, 0], null] as const).flatMap((axis): [string, Unary][] => {
    const axes = axis as number | undefined;
    const name = JSON.stringify(axis);
    return [
      [`sum ${name}`, (x) => tf.sum(x, axes)],
      [`mean ${name}`, (x) => tf.mean(x, axes)],
      [`max ${name}`, (x) => tf.max(x, axes)],
      [`min ${name}`, (x) => tf.min(x, axes)],
      [`prod ${name}`, (x) => tf.prod(x, axes)],
      [`logSumExp ${name}`, (x) => tf.logSumExp(x, axes)],
      [`any ${name}`, (x) => tf.any(tf.greater(x, 0.5), axes)],
      [`all ${name}`, (x) => tf.all(tf.greater(x, -0.5), axes)],
    ];
  }),
  ['argMax', (x) => tf.argMax(x, 1)],
  ['argMin', (x) => tf.argMin(x, -1)],
  ['softmax', (x) => tf.softmax(x)],
  ['logSoftmax', (x) => tf.logSoftmax(x)],
  ['topk', (x) => tf.topk(x, 2).indices],
  ['cumsum', (x) => tf.cumsum(x, 1, true, true)],
  ['cumprod', (x) => tf.cumprod(x, 0)],
];

/** As float32 has it: 1e-5 relative, and what is lost near 0 to argument reduction. */
function same(got: number, expected: number): boolean {
  return Object.is(got, expected) || Math.abs(got - expected) <= 1e-5 * Math.abs(expected) + 5e-7;
}

async function compare(f: () => tf.Tensor): Promise<void> {
  const [wasm, cpu] = [await on('wasm', f), await on('cpu', f)];
  expect([wasm.shape, wasm.dtype]).toEqual([cpu.shape, cpu.dtype]);
  const wrong = cpu.values.flatMap((value, i) =>
    same(wasm.values[i]! + 0, value + 0) ? [] : [`${i}: ${wasm.values[i]} for ${value}`],
  );
  expect(wrong).toEqual([]);
}

it.each(UNARY)('%s as on cpu', async (_name, op) => {
  await compare(() => op(tf.tensor1d(SPECIAL)));
  await compare(() => op(tf.mul(values([5, 7], 1), 3)));
  await compare(() => op(tf.zeros([0, 3])));
});

it.each(BINARY)('%s as on cpu', async (_name, op) => {
  const count = SPECIAL.length;
  const column = () => tf.tensor2d(SPECIAL, [count, 1]);
  await compare(() => op(column(), tf.tensor2d(SPECIAL, [1, count])));
  await compare(() => op(values([2, 1, 3, 1, 2], 1), values([3, 1, 4, 1], 2)));
  await compare(() => op(tf.zeros([0, 3]), tf.ones([3])));
  await compare(() => op(ints([3, -2, 5, 7, -8, 5], [2, 3]), ints([2, 3, -3], [3])));
});

it.each(REDUCTIONS)('%s as on cpu', async (_name, op) => {
  await compare(() => op(values([3, 4, 5], 1)));
});

const MOVED: [string, Unary][] = [
  ['slice', (x) => tf.slice(x, [1, 0], [2, 3])],
  ['concat', (x) => tf.concat([x, x], 1)],
  [
    'pad',
    (x) =>
      tf.pad(
        x,
        [
          [1, 0],
          [0, 2],
        ],
        1,
      ),
  ],
  ['tile', (x) => tf.tile(x, [2, 2])],
  ['transpose', (x) => tf.transpose(x)],
  ['reverse', (x) => tf.reverse(x, 1)],
  ['where', (x) => tf.where(tf.cast(x, 'bool'), x, tf.zerosLike(x))],
  ['gather', (x) => tf.gather(x, ints([1, 1, 0], [3]), 1)],
  ['stridedSlice', (x) => tf.stridedSlice(x, [2, 0], [0, 4], [-2, 2])],
  [
    'mirrorPad',
    (x) =>
      tf.mirrorPad(
        x,
        [
          [1, 1],
          [2, 2],
        ],
        'reflect',
      ),
  ],
  ['split', (x) => tf.split(x, [1, 3], 1)[1]!],
  ['stack', (x) => tf.stack([x, x], 1)],
  ['broadcastTo', (x) => tf.broadcastTo(x, [2, 3, 4])],
  ['unique', (x) => tf.unique(x).values],
];

it.each(MOVED)('%s of every type as on cpu', async (_name, op) => {
  for (const dtype of ['float32', 'int32', 'bool'] as const) {
    await compare(() => op(tf.cast(tf.greater(values([3, 4], 1), 0), dtype)));
  }
});
