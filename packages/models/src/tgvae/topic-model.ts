import * as tf from '@tensorflow/tfjs-core';
import { affine, affineOfData } from '../internal/affine.ts';
import { bounded } from '../internal/bounded.ts';
import { type LayerSpec, layerWeights } from '../internal/weights.ts';

/** Logits of the words of each topic, [T, D]. */
export const TOPIC_WORDS = 'topics/words';
export const LARGEST_LOG_VARIANCE = 10;
const LEAST_PROBABILITY = 1e-30; // of a word: its logarithm stays finite where every topic rules the word out
const NEARLY_PARALLEL = 1 - 1e-6; // the arc cosine has no slope at 1

/**
 * A bag of words as draws from T topics:
 *
 *   a ~ N(0, I_T)   t = softmax(W a + b)   beta = softmax over words [T, D]   each word ~ t beta
 * with q(a | d) a Gaussian from two hidden layers. Source: Miao, Grefenstette & Blunsom 2017, arXiv:1706.00359.
 */
export interface TopicModel {
  /** q(a | d) of bags [B, D]: [B, T] each. */
  encode(bag: tf.Tensor2D): { loc: tf.Tensor2D; logVariance: tf.Tensor2D };
  /** t, [B, T] -> [B, T]: rows add up to 1. */
  proportions(a: tf.Tensor2D): tf.Tensor2D;
  /** beta, [T, D]: rows add up to 1. */
  topics(): tf.Tensor2D;
}

export interface TopicModelSizes {
  readonly topicWords: number;
  readonly topics: number;
  readonly topicUnits: number;
}

const name = (layer: string) => `topics/${layer}`;

export function topicSpecs({ topicWords, topics, topicUnits }: TopicModelSizes): LayerSpec[] {
  const dense = (layer: string, rows: number, columns: number): LayerSpec => ({
    name: name(layer),
    type: 'Dense',
    outputShape: [columns],
    kernel: [rows, columns],
  });
  return [
    dense('hidden1', topicWords, topicUnits),
    dense('hidden2', topicUnits, topicUnits),
    dense('loc', topicUnits, topics),
    dense('log-variance', topicUnits, topics),
    dense('proportions', topics, topics),
  ];
}

export function topicModel(weights: Readonly<Record<string, tf.Variable>>): TopicModel {
  const layer = (own: string) => layerWeights(weights, name(own));
  const logits = weights[TOPIC_WORDS] as tf.Tensor as tf.Tensor2D;
  return {
    encode(bag) {
      const first = tf.tanh(affineOfData(tf.log1p(bag), layer('hidden1')));
      const second = tf.tanh(affine(first, layer('hidden2')));
      return {
        loc: affine(second, layer('loc')),
        logVariance: bounded(affine(second, layer('log-variance')), LARGEST_LOG_VARIANCE),
      };
    },
    proportions: (a) => tf.softmax(affine(a, layer('proportions'))),
    topics: () => tf.softmax(logits),
  };
}

/**
 * log p(d | t) = sum over words of count log(sum_i t_i beta_iw), in nats: bags [B, D], t [B, T], beta [T, D] -> [B].
 *
 * The probability of the words in the order they stand in; a multinomial of the counts would add the logarithm of the number of orders.
 */
export function bagLogProb(bag: tf.Tensor2D, t: tf.Tensor2D, beta: tf.Tensor2D): tf.Tensor1D {
  const probabilities = tf.maximum(tf.matMul(t, beta), LEAST_PROBABILITY); // [B, D]
  return tf.sum(tf.mul(bag, tf.log(probabilities)), -1);
}

/**
 * How far the topics beta [T, D] point apart: mean minus variance of the angles between all pairs, in radians and their square. At most pi / 2,
 * where no two share a word; 0 for a single topic. Source: Xie, Deng & Xing 2015, arXiv:1512.07336.
 */
export function diversity(beta: tf.Tensor2D): tf.Scalar {
  const count = beta.shape[0];
  if (count === 1) return tf.scalar(0);
  const units = tf.div<tf.Tensor2D>(beta, tf.norm(beta, 2, -1, true));
  const angles = tf.acos(tf.clipByValue(tf.matMul(units, units, false, true), 0, NEARLY_PARALLEL));
  const others = tf.sub(1, tf.eye(count));
  const share = 1 / (count * (count - 1));
  const mean = tf.mul(tf.sum(tf.mul(angles, others)), share);
  const variance = tf.mul(tf.sum(tf.mul(tf.square(tf.sub(angles, mean)), others)), share);
  return tf.sub(mean, variance);
}
