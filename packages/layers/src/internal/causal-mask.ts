import * as tf from '@tensorflow/tfjs-core';

/** 'A' hides the pixel itself from the kernel, 'B' shows it. Later pixels are hidden by both. */
export type MaskType = 'A' | 'B';

/** Which taps of a [kh, kw, C, F] kernel are live. */
export interface CausalMask {
  readonly kernelSize: readonly [number, number];
  readonly maskType: MaskType;
  /** Groups of channels that are ordered within a pixel; 1: none are. */
  readonly colours: number;
}

/**
 * The smallest top-left part of a kernel that has all live taps: a dense convolution by it costs no more than it must.
 *
 * Rows below the centre are dead. So is the centre's own row if it has no live tap, and, in a kernel of one row, all to the right.
 */
export function liveBox({
  kernelSize: [height, width],
  maskType,
  colours,
}: CausalMask): [rows: number, columns: number] {
  const centre = maskType === 'B' || colours > 1;
  const [above, before] = [(height - 1) / 2, (width - 1) / 2];
  if (height === 1) return [1, before + (centre ? 1 : 0)];
  return [above + (before > 0 || centre ? 1 : 0), width];
}

/** Live numbers of a kernel [kh, kw, channels, filters]. */
export function countLive(mask: CausalMask, channels: number, filters: number): number {
  const { kernelSize, maskType, colours } = mask;
  const before = (kernelSize[0] * kernelSize[1] - 1) / 2; // taps before the centre in raster order
  const pairs = (colours * (maskType === 'A' ? colours - 1 : colours + 1)) / 2; // of groups that the centre joins
  return before * channels * filters + (pairs * channels * filters) / colours ** 2;
}

/** kernel [kh, kw, C, F] -> its live box, with dead taps at 0: [rows, columns, C, F]. */
export function liveKernel(kernel: tf.Tensor, mask: CausalMask): tf.Tensor {
  const [rows, columns] = liveBox(mask);
  const [height, width, channels, filters] = kernel.shape as [number, number, number, number];
  const box =
    rows === height && columns === width ? kernel : tf.slice(kernel, [0, 0, 0, 0], [rows, columns, channels, filters]);
  const centre = ((height - 1) / 2) * width + (width - 1) / 2; // in raster order, in the box too
  const size = rows * columns;
  const whole = mask.maskType === 'B' && mask.colours === 1;
  if (size <= centre + (whole ? 1 : 0)) return box; // no dead tap
  const before = new Float32Array(size).fill(1, 0, centre + (whole ? 1 : 0));
  const taps = tf.tensor4d(before, [rows, columns, 1, 1]);
  if (mask.colours === 1) return tf.mul(box, taps);
  const own = new Float32Array(size).fill(1, centre, centre + 1);
  const ordered = tf.mul(tf.tensor4d(own, [rows, columns, 1, 1]), colourOrder(mask, channels, filters));
  return tf.mul(box, tf.add(taps, ordered));
}

/** [1, 1, C, F]: 1 where the group of the filter is after that of the channel, or, for 'B', is that group. */
function colourOrder({ maskType, colours }: CausalMask, channels: number, filters: number): tf.Tensor4D {
  const order = new Float32Array(channels * filters);
  for (let c = 0; c < channels; c++) {
    const group = Math.floor((c * colours) / channels) + (maskType === 'A' ? 1 : 0);
    order.fill(1, c * filters + (group * filters) / colours, (c + 1) * filters); // filters of that group and later ones
  }
  return tf.tensor4d(order, [1, 1, channels, filters]);
}

/** @throws RangeError if it is no mask, or one that shows nothing. */
export function checkMask(who: string, { kernelSize, maskType, colours }: CausalMask): void {
  if (kernelSize.length !== 2 || !kernelSize.every((n) => Number.isInteger(n) && n > 0 && n % 2 === 1)) {
    throw new RangeError(
      `${who}: kernelSize must be one or two odd positive integers, so that there is a centre, got [${kernelSize.join(', ')}].`,
    );
  }
  if (maskType !== 'A' && maskType !== 'B') {
    throw new RangeError(
      `${who}: maskType must be "A" (without the pixel itself) or "B" (with it), got "${maskType}".`,
    );
  }
  if (!(Number.isSafeInteger(colours) && colours > 0)) {
    throw new RangeError(`${who}: colours must be a positive integer, got ${colours}. Use 3 for red, green and blue.`);
  }
  if (maskType === 'A' && colours === 1 && kernelSize[0] * kernelSize[1] === 1) {
    throw new RangeError(`${who}: a 1 x 1 kernel of maskType "A" sees nothing. Use "B", or a larger kernel.`);
  }
}

/** @throws RangeError unless the colours share channels and filters evenly. */
export function checkColours(who: string, colours: number, channels: number, filters: number): void {
  if (channels % colours !== 0 || filters % colours !== 0) {
    throw new RangeError(
      `${who}: channels and filters must be multiples of colours = ${colours}, got ${channels} and ${filters}.`,
    );
  }
}
