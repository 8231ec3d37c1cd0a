import * as tf from '@tensorflow/tfjs-core';

/** Codes that an enumeration may have. */
export const MOST_CODES = 4096;

/**
 * Every code of N variables of K classes as one-hot vectors, [K^N, N, K]: the last variable runs fastest.
 *
 * @throws RangeError if there are more than 4,096.
 */
export function allCodes(who: string, variables: number, classes: number): tf.Tensor3D {
  const count = classes ** variables;
  if (count > MOST_CODES) {
    throw new RangeError(
      `${who}: expected at most ${MOST_CODES} codes to enumerate, got ${classes}^${variables} = ${count.toExponential(1)}. ` +
        'Use elbo and iwae, which draw codes, or fewer variables.',
    );
  }
  const data = new Float32Array(count * variables * classes);
  for (let code = 0; code < count; code++) {
    for (let n = variables - 1, rest = code; n >= 0; n--, rest = Math.floor(rest / classes)) {
      data[(code * variables + n) * classes + (rest % classes)] = 1;
    }
  }
  return tf.tensor3d(data, [count, variables, classes]);
}
