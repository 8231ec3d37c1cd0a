import { standardUniform } from '@proj/distributions';
import { foldIn } from '@proj/distributions/random';
import { dotAttention, glorotUniform, groupNormalization } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';

/** Of the group normalisations. */
const EPSILON = 1e-6;

/** Makes variables under names, and remembers them. */
export class WeightMaker {
  readonly weights: Record<string, tf.Variable> = {};
  private drawn = 0;

  constructor(private readonly seed: number) {}

  /** Glorot uniform, the last two axes its features. */
  kernel(name: string, shape: number[]): tf.Variable {
    return this.keep(name, tf.tensor(glorotUniform(shape, foldIn(this.seed, this.drawn++)), shape));
  }

  /** U(-0.05, 0.05), Keras's 'uniform'. */
  uniform(name: string, shape: number[]): tf.Variable {
    const draws = standardUniform(shape, foldIn(this.seed, this.drawn++));
    return this.keep(name, tf.mul(tf.sub(draws, 0.5), 0.1));
  }

  fill(name: string, size: number, value: number): tf.Variable {
    return this.keep(name, tf.fill([size], value));
  }

  private keep(name: string, value: tf.Tensor): tf.Variable {
    const variable = tf.variable(value);
    this.weights[name] = variable;
    return variable;
  }
}

/** What a pass depends on besides its input. */
export interface Pass {
  /** Share of the numbers that are dropped; 0 outside training. */
  readonly dropout: number;
  /** The next seed of a dropout. */
  readonly nextSeed: () => number;
}

type Step = (x: tf.Tensor4D, pass: Pass) => tf.Tensor4D;

const silu = (x: tf.Tensor4D): tf.Tensor4D => tf.mul(x, tf.sigmoid(x));

function convolution(maker: WeightMaker, name: string, size: number, inputs: number, outputs: number, strides = 1) {
  const filter = maker.kernel(`${name}/kernel`, [size, size, inputs, outputs]);
  const bias = maker.fill(`${name}/bias`, outputs, 0);
  return (x: tf.Tensor4D): tf.Tensor4D =>
    tf.fused.conv2d({ x, filter: filter as tf.Tensor as tf.Tensor4D, strides, pad: 'same', bias });
}

function normalization(maker: WeightMaker, name: string, channels: number, groups: number) {
  const gamma = maker.fill(`${name}/gamma`, channels, 1);
  const beta = maker.fill(`${name}/beta`, channels, 0);
  return (x: tf.Tensor4D): tf.Tensor4D => groupNormalization(x, gamma, beta, { groups, epsilon: EPSILON });
}

/** norm, silu, conv 3x3, norm, silu, dropout, conv 3x3, beside a 1x1 convolution of the input. */
function residual(maker: WeightMaker, name: string, inputs: number, outputs: number, groups: number): Step {
  const [norm1, conv1] = [
    normalization(maker, `${name}/norm1`, inputs, groups),
    convolution(maker, `${name}/conv1`, 3, inputs, outputs),
  ];
  const [norm2, conv2] = [
    normalization(maker, `${name}/norm2`, outputs, groups),
    convolution(maker, `${name}/conv2`, 3, outputs, outputs),
  ];
  const shortcut = convolution(maker, `${name}/shortcut`, 1, inputs, outputs);
  return (x, pass) => {
    const inner = silu(norm2(conv1(silu(norm1(x)))));
    return tf.add(conv2(dropped(inner, pass)), shortcut(x));
  };
}

function dropped(x: tf.Tensor4D, { dropout, nextSeed }: Pass): tf.Tensor4D {
  if (dropout === 0) return x;
  const kept = tf.cast(tf.greaterEqual(standardUniform(x.shape, nextSeed()), dropout), 'float32');
  return tf.mul(x, tf.div(kept, 1 - dropout));
}

/** norm, multi-head attention of every place to all, plus the input. */
function attention(
  maker: WeightMaker,
  name: string,
  channels: number,
  groups: number,
  heads: number,
  size: number,
): Step {
  const norm = normalization(maker, `${name}/norm`, channels, groups);
  const width = heads * size;
  const linear = (part: string, inputs: number, outputs: number) => {
    const kernel = maker.kernel(`${name}/${part}/kernel`, [inputs, outputs]);
    const bias = maker.fill(`${name}/${part}/bias`, outputs, 0);
    return (x: tf.Tensor2D): tf.Tensor2D =>
      tf.fused.matMul({ a: x, b: kernel as tf.Tensor as tf.Tensor2D, bias }) as tf.Tensor2D;
  };
  const [query, key, value] = ['query', 'key', 'value'].map((part) => linear(part, channels, width));
  const output = linear('output', width, channels);
  return (x) => {
    const [batch, height, columns] = x.shape;
    const places = height * columns;
    const rows = tf.reshape(norm(x), [batch * places, channels]) as tf.Tensor2D;
    const split = (map: typeof query) =>
      tf.transpose(tf.reshape(map!(rows), [batch, places, heads, size]), [0, 2, 1, 3]); // [B, N, HW, d]
    const attended = tf.transpose(dotAttention(split(query), split(key), split(value)), [0, 2, 1, 3]);
    const mixed = output(tf.reshape(attended, [batch * places, width]) as tf.Tensor2D);
    return tf.add(x, tf.reshape(mixed, x.shape)) as tf.Tensor4D;
  };
}

/** Twice the height and width, bilinear with half-pixel centres: by a product for each axis, which has a gradient everywhere. */
export function upsample(x: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const [batch, height, width, channels] = x.shape;
    const rows = tf.matMul(interpolation(height), tf.reshape(x, [batch, height, width * channels])); // [B, 2 H, W C]
    const columns = tf.reshape(rows, [batch * 2 * height, width, channels]);
    return tf.reshape(tf.matMul(interpolation(width), columns), [batch, 2 * height, 2 * width, channels]);
  });
}

/** [1, 2 N, N]: what each of twice as many places takes from N. */
function interpolation(size: number): tf.Tensor3D {
  const shares = new Float32Array(2 * size * size);
  for (let i = 0; i < 2 * size; i++) {
    const near = i >> 1;
    const far = Math.min(size - 1, Math.max(0, near + (i % 2 === 0 ? -1 : 1)));
    shares[i * size + near]! += 0.75;
    shares[i * size + far]! += 0.25;
  }
  return tf.tensor3d(shares, [1, 2 * size, size]);
}

export interface UnetBlockOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly groups: number;
  /** Attention after each of the residual blocks; none if omitted. */
  readonly attention?: { readonly heads: number; readonly size: number };
  /** Half or twice the image at the end. */
  readonly sampling?: 'down' | 'up';
}

/** Residual blocks of a block without counting the one that follows attention. */
const RESIDUALS = 2;

/** Two residual blocks, each with its attention, one more if there is attention, and the sampling with a 3x3 convolution. */
export function unetBlock(maker: WeightMaker, name: string, options: UnetBlockOptions): Step {
  const { inputs, outputs, groups, attention: heads, sampling } = options;
  const steps: Step[] = [];
  for (let i = 1; i <= RESIDUALS; i++) {
    steps.push(residual(maker, `${name}/residual${i}`, i === 1 ? inputs : outputs, outputs, groups));
    if (heads) steps.push(attention(maker, `${name}/attention${i}`, outputs, groups, heads.heads, heads.size));
  }
  if (heads) steps.push(residual(maker, `${name}/residual${RESIDUALS + 1}`, outputs, outputs, groups));
  if (sampling === 'down') {
    const conv = convolution(maker, `${name}/down`, 3, outputs, outputs, 2);
    steps.push((x) => conv(x));
  } else if (sampling === 'up') {
    const conv = convolution(maker, `${name}/up`, 3, outputs, outputs);
    steps.push((x) => conv(upsample(x)));
  }
  return (x, pass) => steps.reduce((y, step) => step(y, pass), x);
}

/** 2^floor(log2(n) / 2), the number of groups where none is given; it divides what it is used for. */
export const usualGroups = (channels: number): number => 2 ** Math.floor(Math.log2(channels) / 2);
