// An LSTM over a whole sequence: gates i, f, o = sigmoid, g = tanh of projected + h U; c' = f c + i g; h' = o tanh(c').
import { sigmoid, tanh } from './math';
import {
  addTo, load4, packedSize, packMatrix, productSpace, stepProduct, store4, throughSigmoid, throughTanh,
} from './recurrent';
import { fma } from './vector';

/** Bytes of work space that a range of `rows` rows takes, forward or backward. */
export function lstmSpace(rows: i32, units: i32): i32 {
  const packed = max(packedSize(rows, units, 4 * units), packedSize(rows, 4 * units, units));
  return productSpace(rows) + packed + (rows * units << 4);
}

/**
 * Rows [from, to) of h and cells [B, T, H], the states after each step, and of gates [B, T, 4H], activated, of steps whose
 * mask [B, T] (0: none) is not 0; other steps keep the states.
 */
export function lstmForward(
  projected: usize, recurrent: usize, h0: usize, c0: usize, mask: usize, h: usize, cells: usize, gates: usize,
  from: i32, to: i32, steps: i32, units: i32, backward: bool, scratch: usize,
): void {
  const rows = to - from, width = 4 * units;
  const row = <usize>units << 2;
  const packed = scratch + <usize>productSpace(rows);
  const product = packed + <usize>packedSize(rows, units, width);
  packMatrix(recurrent, width, 1, rows, units, width, packed);
  for (let s = 0; s < steps; s++) {
    const t = backward ? steps - 1 - s : s;
    const before = backward ? t + 1 : t - 1;
    const previous = s == 0 ? h0 + <usize>from * row : h + <usize>(from * steps + before) * row;
    stepProduct(previous, s == 0 ? units : steps * units, recurrent, width, 1, packed, product, rows, units, width, scratch);
    for (let b = from; b < to; b++) {
      const at = <usize>(b * steps + t);
      const last = <usize>(s == 0 ? b : b * steps + before) * row;
      const c = (s == 0 ? c0 : cells) + last;
      const nextH = h + at * row, nextC = cells + at * row;
      if (mask != 0 && f32.load(mask + (at << 2)) == 0) {
        memory.copy(nextH, (s == 0 ? h0 : h) + last, row);
        memory.copy(nextC, c, row);
        continue;
      }
      const p = projected + at * 4 * row, u = product + <usize>(b - from) * 4 * row, y = gates + at * 4 * row;
      for (let j = 0; j < units; j += 4) {
        const x = <usize>j << 2, left = units - j;
        const i = sigmoid(f32x4.add(load4(p + x, left), load4(u + x, left)));
        const f = sigmoid(f32x4.add(load4(p + row + x, left), load4(u + row + x, left)));
        const g = tanh(f32x4.add(load4(p + 2 * row + x, left), load4(u + 2 * row + x, left)));
        const o = sigmoid(f32x4.add(load4(p + 3 * row + x, left), load4(u + 3 * row + x, left)));
        const cell = fma(f, load4(c + x, left), f32x4.mul(i, g));
        store4(y + x, i, left);
        store4(y + row + x, f, left);
        store4(y + 2 * row + x, g, left);
        store4(y + 3 * row + x, o, left);
        store4(nextC + x, cell, left);
        store4(nextH + x, f32x4.mul(o, tanh(cell)), left);
      }
    }
  }
}

/**
 * From gradients by the states after each step, dOut [B, T, H], rows [from, to) of those by `projected`, and of dH and dC
 * [B, H], which hold the gradients by the last states before and by the initial ones after.
 */
export function lstmBackward(
  recurrent: usize, c0: usize, mask: usize, cells: usize, gates: usize, dOut: usize, dProjected: usize, dH: usize, dC: usize,
  from: i32, to: i32, steps: i32, units: i32, backward: bool, scratch: usize,
): void {
  const rows = to - from, width = 4 * units;
  const row = <usize>units << 2;
  const packed = scratch + <usize>productSpace(rows);
  const product = packed + <usize>packedSize(rows, width, units);
  packMatrix(recurrent, 1, width, rows, width, units, packed);
  memory.fill(product, 0, <usize>rows * row);
  for (let s = steps - 1; s >= 0; s--) {
    const t = backward ? steps - 1 - s : s;
    const before = backward ? t + 1 : t - 1;
    for (let b = from; b < to; b++) {
      const at = <usize>(b * steps + t);
      const dy = dOut + at * row, u = product + <usize>(b - from) * row, dh = dH + <usize>b * row, dc = dC + <usize>b * row;
      const d = dProjected + at * 4 * row;
      if (mask != 0 && f32.load(mask + (at << 2)) == 0) {
        memory.fill(d, 0, 4 * row);
        addTo(dh, dy, units);
        addTo(dh, u, units);
        continue;
      }
      const y = gates + at * 4 * row, c = cells + at * row;
      const last = s == 0 ? c0 + <usize>b * row : cells + <usize>(b * steps + before) * row;
      for (let j = 0; j < units; j += 4) {
        const x = <usize>j << 2, left = units - j;
        const i = load4(y + x, left), f = load4(y + row + x, left);
        const g = load4(y + 2 * row + x, left), o = load4(y + 3 * row + x, left);
        const slope = f32x4.add(f32x4.add(load4(dy + x, left), load4(dh + x, left)), load4(u + x, left));
        const squashed = tanh(load4(c + x, left));
        const cell = f32x4.add(load4(dc + x, left), throughTanh(f32x4.mul(slope, o), squashed));
        store4(d + x, throughSigmoid(f32x4.mul(cell, g), i), left);
        store4(d + row + x, throughSigmoid(f32x4.mul(cell, load4(last + x, left)), f), left);
        store4(d + 2 * row + x, throughTanh(f32x4.mul(cell, i), g), left);
        store4(d + 3 * row + x, throughSigmoid(f32x4.mul(slope, squashed), o), left);
        store4(dc + x, f32x4.mul(cell, f), left);
        store4(dh + x, f32x4.splat(0), left);
      }
    }
    const d = dProjected + <usize>(from * steps + t) * 4 * row;
    stepProduct(d, steps * width, recurrent, 1, width, packed, product, rows, width, units, scratch);
  }
  addTo(dH + <usize>from * row, product, rows * units);
}
