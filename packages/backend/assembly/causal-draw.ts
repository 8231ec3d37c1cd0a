import { expOrZero, softplus } from './math';
import { load4, store4 } from './recurrent';
import { maxOfNumbers } from './reduce';

/**
 * The first of `choices` whose cumulated softmax of logits / temperature exceeds u; at temperature 0 the first of the largest.
 * `work`: room for the choices.
 */
function choose(logits: usize, choices: i32, temperature: f32, u: f32, work: usize): i32 {
  const top = maxOfNumbers(logits, choices);
  if (temperature == 0) {
    for (let k = 0; k < choices; k++) if (f32.load(logits + (<usize>k << 2)) == top) return k;
    return 0;
  }
  const rate = f32x4.splat(1 / temperature), shift = f32x4.splat(top);
  for (let k = 0; k < choices; k += 4) {
    const at = <usize>k << 2;
    const l = load4(logits + at, choices - k);
    store4(work + at, expOrZero(f32x4.mul(f32x4.sub(l, shift), rate)), choices - k);
  }
  let total: f64 = 0;
  for (let k = 0; k < choices; k++) total += <f64>f32.load(work + (<usize>k << 2));
  let left = <f64>u * total;
  for (let k = 0; k < choices - 1; k++) {
    left -= <f64>f32.load(work + (<usize>k << 2));
    if (left < 0) return k;
  }
  return choices - 1;
}

/** Puts down a level, unless the image has one that is known, and what the network sees of it. */
// @ts-ignore: decorator
@inline
function write(level: f32, known: usize, image: usize, seen: usize, inputScale: f32, inputShift: f32): void {
  if (known == 0 || f32.load(known) == 0) f32.store(image, level);
  f32.store(seen, inputScale * f32.load(image) + inputShift);
}

/** The channel's level from the logits of all channels. */
export function drawLevel(
  logits: usize, choices: i32, channel: i32, noise: usize, known: usize, image: usize, seen: usize, work: usize,
  temperature: f32, inputScale: f32, inputShift: f32, low: f32,
): void {
  const c = <usize>channel << 2;
  const level = choose(logits + <usize>choices * c, choices, temperature, f32.load(noise + c), work);
  write(low + <f32>level, known == 0 ? 0 : known + c, image + c, seen + c, inputScale, inputShift);
}

/** All channels of a pixel: a component, then the nearest levels, each channel's location moved by those before it. */
export function drawLogistics(
  parameters: usize, components: i32, channels: i32, noise: usize, known: usize, image: usize, seen: usize, work: usize,
  temperature: f32, inputScale: f32, inputShift: f32, low: f32, high: f32, scaleFloor: f32,
): void {
  const k = choose(parameters, components, temperature, f32.load(noise), work);
  const locs = parameters + (<usize>(components + k * channels) << 2);
  const scales = locs + (<usize>(components * channels) << 2);
  let slope = parameters + (<usize>(components * (1 + 2 * channels) + k * (channels * (channels - 1) / 2)) << 2);
  for (let i = 0; i < channels; i++) {
    const c = <usize>i << 2;
    const scale = f32x4.extract_lane(softplus(f32x4.splat(f32.load(scales + c))), 0) + scaleFloor;
    let v = f32.load(locs + c) + temperature * scale * f32.load(noise + c, 4);
    for (let j = 0; j < i; j++) {
      v += f32.load(slope) * f32.load(seen + (<usize>j << 2));
      slope += 4;
    }
    const nearest = floor<f32>((v - inputShift) / inputScale + 0.5);
    write(min(high, max(low, nearest)), known == 0 ? 0 : known + c, image + c, seen + c, inputScale, inputShift);
  }
}
