import type * as tf from '@tensorflow/tfjs-core';

export type ImageShape = readonly [height: number, width: number, channels: number];

export function checkPositiveInteger(who: string, name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`${who}: ${name} must be a positive integer, got ${value}.`);
  }
}

export function checkSeed(who: string, seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`${who}: seed must be a non-negative safe integer, got ${seed}. 0 is an ordinary seed.`);
  }
}

export function checkImageShape(who: string, shape: ImageShape): void {
  if (shape.length !== 3 || !shape.every((n) => Number.isSafeInteger(n) && n > 0)) {
    const got = `[${shape.join(', ')}]`;
    throw new RangeError(
      `${who}: imageShape must be [height, width, channels], got ${got}. Use [28, 28, 1] for MNIST.`,
    );
  }
}

export function checkOneOf<T extends string>(who: string, name: string, value: T, known: readonly T[]): void {
  if (!known.includes(value)) {
    throw new RangeError(`${who}: ${name} must be one of ${known.join(', ')}, got ${value}.`);
  }
}

/** A batch of vectors, at least one: images [B, D] or codes [B, Z]. */
export function checkRows(who: string, name: string, x: tf.Tensor, columns: number, hint: string): tf.Tensor2D {
  const [batch, width] = x.shape;
  if (x.shape.length !== 2 || width !== columns || !batch) {
    const got = `[${x.shape.join(', ')}]`;
    throw new RangeError(`${who}: ${name} must be [B, ${columns}] with B at least 1, got ${got}. ${hint}`);
  }
  return x as tf.Tensor2D;
}
