import { standardUniform } from '@proj/distributions';
import { foldIn, uniform } from '@proj/distributions/random';
import { denseCrossEntropy, glorotUniform, orthogonal, projectedGru, sparseCrossEntropy } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import { affine } from '../internal/affine.ts';
import { type LayerSpec, type LayerSummary, layerWeights } from '../internal/weights.ts';

/** Ends a document and fills its row; before the first word it is what the writer sees. */
export const STOP = 0;
/** Stands for words that are not in the vocabulary, and for those that dropout hides. */
export const UNKNOWN = 1;

export interface SentenceSizes {
  readonly vocabulary: number;
  readonly embedding: number;
  readonly units: number;
  readonly latent: number;
}

/** The layer whose logits say which word comes next. */
export const OUTPUT = 'decoder/output';

export const outputSpec = ({ vocabulary, units }: SentenceSizes): LayerSpec => ({
  name: OUTPUT,
  type: 'Dense',
  outputShape: [vocabulary],
  kernel: [units, vocabulary],
});

/** The embedding and both GRUs: what `createWeights` cannot make. Starting values are Keras's. */
export function sentenceWeights(sizes: SentenceSizes, seed: number): Record<string, tf.Variable> {
  const { vocabulary, embedding, units, latent } = sizes;
  const glorot = (rows: number, index: number) =>
    tf.tensor(glorotUniform([rows, 3 * units], foldIn(seed, index)), [rows, 3 * units]);
  const recurrent = (index: number) =>
    tf.tensor(orthogonal([units, 3 * units], foldIn(seed, index)), [units, 3 * units]);
  const embedded = uniform(vocabulary * embedding, foldIn(seed, 0)).map((u) => 0.1 * u - 0.05);
  return tf.tidy(() => ({
    embedding: tf.variable(tf.tensor(embedded, [vocabulary, embedding])),
    'encoder/kernel': tf.variable(glorot(embedding, 1)),
    'encoder/recurrent-kernel': tf.variable(recurrent(2)),
    'encoder/bias': tf.variable(tf.zeros([3 * units])),
    'encoder/recurrent-bias': tf.variable(tf.zeros([3 * units])),
    'decoder/kernel': tf.variable(glorot(embedding, 3)),
    'decoder/code-kernel': tf.variable(glorot(latent, 4)),
    'decoder/recurrent-kernel': tf.variable(recurrent(5)),
    'decoder/bias': tf.variable(tf.zeros([3 * units])),
    'decoder/recurrent-bias': tf.variable(tf.zeros([3 * units])),
  }));
}

export function sentenceRows({ vocabulary, embedding, units, latent }: SentenceSizes): LayerSummary[] {
  const gru = (name: string, inputs: number): LayerSummary => ({
    name,
    type: 'GRU',
    outputShape: [null, null, units],
    params: 3 * units * (inputs + units + 2),
  });
  return [
    { name: 'embedding', type: 'Embedding', outputShape: [null, null, embedding], params: vocabulary * embedding },
    gru('encoder', embedding),
    gru('decoder', embedding + latent),
  ];
}

/** Reads documents, and writes them from a code z that it sees beside the word before at every step. */
export class Sentences {
  private readonly output;

  constructor(
    private readonly weights: Readonly<Record<string, tf.Variable>>,
    private readonly wordDropout: number,
  ) {
    this.output = layerWeights(weights, OUTPUT);
  }

  /** The state after the last word, int32 [B, L] -> [B, H]; zeros of a document without words. */
  read(words: tf.Tensor2D): tf.Tensor2D {
    const mask = tf.cast(tf.notEqual(words, STOP), 'float32');
    return projectedGru(this.projected('encoder', words), this.recurrent('encoder'), { mask }).h as tf.Tensor2D;
  }

  /**
   * Minus log p(words | z), a mean over the batch: int32 [B, L], [B, Z] -> scalar, in nats. What counts are the words and the
   * first stop after them, if the row has one.
   */
  loss(words: tf.Tensor2D, z: tf.Tensor2D, seed: number): tf.Scalar {
    const share = tf.div(counted(words), words.shape[0]);
    return denseCrossEntropy(this.states(this.drop(before(words), seed), z), this.output, words, { weights: share });
  }

  /** log p(words | z) of each document, [B], no word hidden. */
  logProb(words: tf.Tensor2D, z: tf.Tensor2D): tf.Tensor1D {
    const logits = this.logits(words, z);
    return tf.neg(tf.sum<tf.Tensor1D>(sparseCrossEntropy(logits, words, { mask: counted(words) }), -1));
  }

  /** Logits of the word at each place of int32 [B, L], which see the words before it and z [B, Z]: [B, L, V]. */
  logits(words: tf.Tensor2D, z: tf.Tensor2D): tf.Tensor3D {
    const [batch, length] = words.shape;
    const states = tf.reshape(this.states(before(words), z), [batch * length, -1]) as tf.Tensor2D;
    return tf.reshape(affine(states, this.output), [batch, length, -1]);
  }

  /** One step of writing: words before int32 [B], states [B, H] and z [B, Z] to new states and the logits [B, V] of the next words. */
  next(previous: tf.Tensor1D, state: tf.Tensor2D, z: tf.Tensor2D): { state: tf.Tensor2D; logits: tf.Tensor2D } {
    const inputs = this.inputs(tf.reshape(previous, [-1, 1]), z);
    const h = projectedGru(inputs, this.recurrent('decoder'), { initialState: state }).h as tf.Tensor2D;
    return { state: h, logits: affine(h, this.output) };
  }

  private states(previous: tf.Tensor2D, z: tf.Tensor2D): tf.Tensor3D {
    return projectedGru(this.inputs(previous, z), this.recurrent('decoder')).outputs as tf.Tensor3D;
  }

  /** [word, z] W + b, where W is kept in two parts: z W is the same at every step. */
  private inputs(previous: tf.Tensor2D, z: tf.Tensor2D): tf.Tensor {
    const ofCode = tf.matMul(z, this.weights['decoder/code-kernel'] as tf.Tensor as tf.Tensor2D);
    return tf.add(this.projected('decoder', previous), tf.expandDims(ofCode, 1));
  }

  /** Embedded words [B, L] times the kernel of a GRU: [B, L, 3H]. */
  private projected(cell: 'encoder' | 'decoder', words: tf.Tensor2D): tf.Tensor {
    const [batch, length] = words.shape;
    const kernel = this.weights[`${cell}/kernel`]!;
    const bias = this.weights[`${cell}/bias`]!;
    const embedded = tf.gather(this.weights.embedding!, tf.reshape(words, [-1])) as tf.Tensor2D;
    return tf.reshape(affine(embedded, { kernel, bias }), [batch, length, -1]);
  }

  private recurrent(cell: 'encoder' | 'decoder') {
    return {
      recurrentKernel: this.weights[`${cell}/recurrent-kernel`]!,
      recurrentBias: this.weights[`${cell}/recurrent-bias`]!,
    };
  }

  /** The unknown word in place of some; the first input, a stop, stays. */
  private drop(previous: tf.Tensor2D, seed: number): tf.Tensor2D {
    if (this.wordDropout === 0) return previous;
    const hidden = tf.less(standardUniform(previous.shape, seed), this.wordDropout);
    const words = tf.logicalAnd(hidden, tf.notEqual(previous, STOP));
    return tf.where<tf.Tensor2D>(words, tf.onesLike(previous), previous);
  }
}

/** What the writer sees at each place: a stop, then the words but for the last. */
function before(words: tf.Tensor2D): tf.Tensor2D {
  const [batch, length] = words.shape;
  return tf.concat([tf.zeros([batch, 1], 'int32') as tf.Tensor2D, tf.slice(words, [0, 0], [batch, length - 1])], 1);
}

/** 1 at the places that count, [B, L]: words, and the first stop after them. */
export function counted(words: tf.Tensor2D): tf.Tensor2D {
  const [batch, length] = words.shape;
  const live = tf.cast(tf.notEqual(tf.slice(words, [0, 0], [batch, length - 1]), STOP), 'float32');
  return tf.concat([tf.ones([batch, 1]), live], 1) as tf.Tensor2D;
}
