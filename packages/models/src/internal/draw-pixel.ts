/**
 * Draws a pixel of one image, in full passes channel number `pass` of it or all channels: from what the network's head gives
 * for it and its noise. `write` puts down a channel's level and returns what the network will see there.
 */
export type DrawPixel = (
  parameters: Float32Array,
  noise: Float32Array,
  temperature: number,
  pass: number,
  write: (channel: number, level: number) => number,
) => void;

/**
 * The first index whose cumulated probability, softmax(logits / temperature), exceeds u of (0, 1); at temperature 0 the first
 * of the largest logits. One uniform number a draw, whatever the number of levels.
 */
export function choose(logits: Float32Array, temperature: number, u: number): number {
  let best = 0;
  for (let k = 1; k < logits.length; k++) if (logits[k]! > logits[best]!) best = k;
  if (temperature === 0) return best;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - logits[best]!) / temperature));
  let left = u * weights.reduce((sum, w) => sum + w, 0);
  for (let k = 0; k < weights.length - 1; k++) {
    left -= weights[k]!;
    if (left < 0) return k;
  }
  return weights.length - 1;
}

/** One of `levels` levels of each channel by its own softmax: parameters [C levels], noise [C] uniform. */
export const drawLevels =
  (levels: number): DrawPixel =>
  (parameters, noise, temperature, pass, write) => {
    const logits = parameters.subarray(pass * levels, (pass + 1) * levels);
    write(pass, choose(logits, temperature, noise[pass]!));
  };
