import * as tf from '@tensorflow/tfjs-core';

/** Numbered examples, from which batches are drawn by index. */
export interface Dataset<B extends tf.TensorContainer> {
  /** How many examples there are. */
  readonly size: number;
  /** The examples at `indices`, in that order, along the first axis. The caller disposes the batch. */
  batch(indices: Uint32Array): B;
}

export interface ArrayDatasetOptions {
  /** Each number is multiplied by it. Default: 1/255 for bytes, 1 for floats. */
  scale?: number;
}

/**
 * Dataset over host memory: `data` holds the examples one after the other, each of shape `itemShape`.
 *
 * A batch is one copy on the host and one float32 tensor [B, ...itemShape]; no engine kernel runs. `data` is borrowed and never changed.
 * @throws RangeError if `data` is no whole number of items, is empty, or an index is out of range.
 */
export function arrayDataset(
  data: Float32Array | Uint8Array,
  itemShape: readonly number[],
  options: ArrayDatasetOptions = {},
): Dataset<tf.Tensor> {
  const isBytes = data instanceof Uint8Array;
  if (!isBytes && !(data instanceof Float32Array)) {
    throw new TypeError(`arrayDataset: data must be a Float32Array or a Uint8Array, got ${kindOf(data)}.`);
  }
  if (!Array.isArray(itemShape) || !itemShape.every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw new RangeError(
      `arrayDataset: itemShape must hold positive integers, got [${itemShape}]. Leave the batch axis out; [] is a plain number.`,
    );
  }
  const itemSize = itemShape.reduce((product, size) => product * size, 1);
  const size = data.length / itemSize;
  if (!Number.isInteger(size) || size === 0) {
    throw new RangeError(
      `arrayDataset: data must hold one or more whole items of shape [${itemShape}], ${itemSize} numbers each, got ${data.length} numbers.`,
    );
  }
  const scale = options.scale ?? (isBytes ? 1 / 255 : 1);
  if (!Number.isFinite(scale)) throw new RangeError(`arrayDataset: scale must be finite, got ${scale}.`);
  const copy = copier(data, itemSize, scale);

  return {
    size,
    batch(indices) {
      const out = new Float32Array(indices.length * itemSize);
      for (let i = 0; i < indices.length; i++) {
        const index = indices[i]!;
        if (!(index < size)) throw new RangeError(`arrayDataset: index must be below ${size}, got ${index}.`);
        copy(index, out, i * itemSize);
      }
      return tf.tensor(out, [indices.length, ...itemShape], 'float32');
    },
  };
}

type CopyItem = (index: number, out: Float32Array, offset: number) => void;

function copier(data: Float32Array | Uint8Array, itemSize: number, scale: number): CopyItem {
  if (data instanceof Uint8Array) {
    const scaled = Float32Array.from({ length: 256 }, (_, byte) => byte * scale);
    return (index, out, offset) => {
      const start = index * itemSize;
      for (let k = 0; k < itemSize; k++) out[offset + k] = scaled[data[start + k]!]!;
    };
  }
  if (scale === 1) {
    return (index, out, offset) => out.set(data.subarray(index * itemSize, (index + 1) * itemSize), offset);
  }
  return (index, out, offset) => {
    const start = index * itemSize;
    for (let k = 0; k < itemSize; k++) out[offset + k] = data[start + k]! * scale;
  };
}

function kindOf(value: unknown): string {
  return value === null || typeof value !== 'object' ? typeof value : value.constructor.name;
}
