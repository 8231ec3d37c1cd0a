// Draws pixels from an autoregressive network whose layers stand as words in memory: see ProjCausalSampler of FusedKernels in
// @proj/layers, and src/fused/causal-sampler.ts, the same in JavaScript. Of every map the state keeps the rows that are read again.
import { addAll, eluAll, gateAll, reluAll } from './causal-activation';
import { drawLevel, drawLogistics } from './causal-draw';
import { causalMatrix } from './causal-matrix';

const HEADER: usize = 12 << 2;
const VALUE: usize = 4 << 2;
const OPERATION: usize = 12 << 2;
const TAP: usize = 3 << 2;

const MATRIX: i32 = 0;
const RELU: i32 = 1;
const ELU: i32 = 2;
const CONCAT_ELU: i32 = 3;
const ADD: i32 = 4;
const GATE: i32 = 5;
const CONCAT: i32 = 6;

/** Word `i` at p. */
// @ts-ignore: decorator
@inline
function word(p: usize, i: usize): i32 {
  return load<i32>(p + (i << 2));
}

/**
 * Pixels [from, to) in raster order of `batch` images: image [B, H, W, C], noise [B, H, W, D], known [B, H, W, C] or 0, constants
 * [B, numbers] or 0. `scratch` holds the columns that the taps of one operation read, and a pixel's choices.
 */
export function causalSampler(
  program: usize, weights: usize, image: usize, state: usize, noise: usize, known: usize, constants: usize, numbers: i32,
  scratch: usize, batch: i32, from: i32, to: i32,
  temperature: f32, inputScale: f32, inputShift: f32, low: f32, high: f32, scaleFloor: f32,
): void {
  const height = word(program, 0), width = word(program, 1), channels = word(program, 2), passes = word(program, 3);
  const depth = word(program, 4), head = word(program, 5), choices = word(program, 7);
  const values = program + HEADER;
  const operations = values + <usize>word(program, 8) * VALUE;
  const taps = operations + <usize>word(program, 9) * OPERATION;
  const read = values + <usize>word(program, 6) * VALUE;
  const pixels = height * width;

  for (let pixel = from; pixel < to; pixel++) {
    const y = pixel / width, x = pixel % width;
    if (x == 0) {
      for (let o = operations; o < taps; o += OPERATION) {
        if (word(o, 4) != 0 && y % word(o, 5) == word(o, 6)) {
          runRow(o, values, taps, weights, state, constants, numbers, scratch, batch, width, y);
        }
      }
    }
    const own = column(values, state, batch, width, y, x, 0, 0);
    memory.fill(own, 0, <usize>(batch * channels) << 2);
    for (let pass = 0; pass < passes; pass++) {
      for (let o = operations; o < taps; o += OPERATION) {
        const modulus = word(o, 5);
        if (word(o, 4) != 0) continue;
        if (modulus > 1 && (y % modulus != word(o, 6) || x % modulus != word(o, 7))) continue;
        run(o, values, taps, weights, state, constants, numbers, scratch, batch, width, y, x, 1);
      }
      const size = <usize>word(read, 0) << 2;
      let parameters = column(read, state, batch, width, y, x, 0, 0);
      for (let b = 0; b < batch; b++) {
        const at = <usize>((b * pixels + pixel) * channels) << 2;
        const draws = noise + (<usize>((b * pixels + pixel) * depth) << 2);
        const kept = known == 0 ? 0 : known + at;
        const seen = own + (<usize>(b * channels) << 2);
        if (head == 0) {
          drawLevel(parameters, choices, pass, draws, kept, image + at, seen, scratch, temperature, inputScale, inputShift, low);
        } else {
          drawLogistics(
            parameters, choices, channels, draws, kept, image + at, seen, scratch,
            temperature, inputScale, inputShift, low, high, scaleFloor,
          );
        }
        parameters += size;
      }
    }
  }
}

/** Where the batch's columns at (dy, dx) from the place of pixel (y, x) begin; 0 outside the map. */
// @ts-ignore: decorator
@inline
function column(value: usize, state: usize, batch: i32, imageWidth: i32, y: i32, x: i32, dy: i32, dx: i32): usize {
  const stride = word(value, 1), rows = word(value, 2);
  let width = imageWidth, r = y, c = x;
  if (stride > 1) {
    width /= stride;
    r /= stride;
    c /= stride;
  }
  r += dy;
  c += dx;
  if (r < 0 || c < 0 || c >= width) return 0;
  const place = rows == 0 ? 0 : rows == 1 ? c : (r % rows) * width + c;
  return state + (<usize>(batch * (word(value, 3) + place * word(value, 0))) << 2);
}

/** An operation by rows, for row y: columns side by side are one product; those of a transposed convolution's phase are not. */
// @ts-ignore: decorator
@inline
function runRow(
  o: usize, values: usize, taps: usize, weights: usize, state: usize, constants: usize, numbers: i32,
  scratch: usize, batch: i32, width: i32, y: i32,
): void {
  const modulus = word(o, 5), stride = word(values + <usize>word(o, 1) * VALUE, 1);
  const count = modulus == stride ? width / stride : 1;
  for (let x = word(o, 7); x < width; x += count * modulus) {
    run(o, values, taps, weights, state, constants, numbers, scratch, batch, width, y, x, count);
  }
}

/** One operation for `count` columns from pixel (y, x) on. */
function run(
  o: usize, values: usize, taps: usize, weights: usize, state: usize, constants: usize, numbers: i32,
  scratch: usize, batch: i32, width: i32, y: i32, x: i32, count: i32,
): void {
  const kind = word(o, 0);
  const out = values + <usize>word(o, 1) * VALUE, a = values + <usize>word(o, 2) * VALUE;
  const rows = batch * count;
  const n = word(out, 0);
  const to = column(out, state, batch, width, y, x, 0, 0);
  const one = word(o, 2) < 0 ? 0 : column(a, state, batch, width, y, x, 0, 0);
  if (kind == MATRIX) {
    matrix(o, values, taps, weights, state, scratch, batch, width, y, x, count, to, one, n);
    return;
  }
  const size = rows * n;
  if (kind == RELU) reluAll(one, to, size);
  else if (kind == ELU) eluAll(one, to, size, false);
  else if (kind == CONCAT_ELU) {
    const half = n >> 1;
    for (let i = 0; i < rows; i++) {
      const p = one + (<usize>(i * half) << 2), q = to + (<usize>(i * n) << 2);
      eluAll(p, q, half, false);
      eluAll(p, q + (<usize>half << 2), half, true);
    }
  } else if (kind == ADD || kind == GATE || kind == CONCAT) {
    const b = values + <usize>word(o, 3) * VALUE;
    const other = column(b, state, batch, width, y, x, 0, 0);
    if (kind == ADD) addAll(one, other, to, size);
    else if (kind == GATE) {
      for (let i = 0; i < rows; i++) {
        const p = <usize>(i * n) << 2, g = other + 2 * p;
        gateAll(one == 0 ? 0 : one + p, g, g + (<usize>n << 2), to + p, n);
      }
    } else {
      const left = <usize>word(a, 0) << 2, right = <usize>word(b, 0) << 2;
      for (let i: usize = 0; i < <usize>rows; i++) {
        const q = to + i * (left + right);
        memory.copy(q, one + i * left, left);
        memory.copy(q + left, other + i * right, right);
      }
    }
  } else {
    for (let i = 0; i < rows; i++) {
      const p = <usize>(i * n) << 2;
      addAll(one + p, constants + (<usize>((i % batch) * numbers + word(o, 8)) << 2), to + p, n);
    }
  }
}

function matrix(
  o: usize, values: usize, taps: usize, weights: usize, state: usize, scratch: usize,
  batch: i32, width: i32, y: i32, x: i32, count: i32, to: usize, plus: usize, n: i32,
): void {
  const first = taps + <usize>word(o, 10) * TAP, last = first + <usize>word(o, 11) * TAP;
  let inputs = 0;
  for (let t = first; t < last; t += TAP) inputs += word(values + <usize>word(t, 0) * VALUE, 0);
  const stride = word(o, 5);
  let p = scratch;
  const only = values + <usize>word(first, 0) * VALUE;
  // A single tap's columns lie as a product wants them.
  if (last - first == TAP && (count == 1 || (word(first, 2) == 0 && word(only, 1) == stride))) {
    const source = column(only, state, batch, width, y, x, word(first, 1), word(first, 2));
    if (source != 0) p = source;
  }
  if (p == scratch) {
    const row = <usize>inputs << 2;
    let offset = scratch;
    for (let t = first; t < last; t += TAP) {
      const value = values + <usize>word(t, 0) * VALUE;
      const size = <usize>word(value, 0) << 2;
      for (let c = 0; c < count; c++) {
        const source = column(value, state, batch, width, y, x + c * stride, word(t, 1), word(t, 2));
        let target = offset + <usize>(c * batch) * row;
        for (let b = 0; b < batch; b++) {
          if (source == 0) memory.fill(target, 0, size);
          else copyFloats(source + <usize>b * size, target, size);
          target += row;
        }
      }
      offset += size;
    }
  }
  const bias = word(o, 9);
  causalMatrix(
    p, <usize>inputs << 2, weights + (<usize>word(o, 8) << 2), inputs, to,
    bias < 0 ? 0 : weights + (<usize>bias << 2), plus, batch * count, n, word(o, 3),
  );
}

// @ts-ignore: decorator
@inline
function copyFloats(from: usize, to: usize, bytes: usize): void {
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(to + i, v128.load(from + i));
  for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(from + i));
}
