// A GRU over a whole sequence: gates z, r = sigmoid of projected + h U + bias; n = tanh(projected + r q), q = h U + bias,
// or with the reset before the product n = tanh(projected + (r h) U); h' = z h + (1 - z) n.
import { sigmoid, tanh } from './math';
import {
  addTo, load4, packedSize, packMatrix, productSpace, stepProduct, store4, throughSigmoid, throughTanh,
} from './recurrent';
import { fma } from './vector';

/** Bytes of work space that a range of `rows` rows takes, forward or backward. */
export function gruSpace(rows: i32, units: i32): i32 {
  const forward = packedSize(rows, units, 3 * units) + packedSize(rows, units, 2 * units) + packedSize(rows, units, units);
  const backward = packedSize(rows, 3 * units, units) + packedSize(rows, units, units);
  return productSpace(rows) + max(forward, backward) + 3 * (rows * units << 2);
}

/**
 * Rows [from, to) of h [B, T, H], the state after each step; of gates [B, T, 3H], activated, and inner [B, T, H], q or r h,
 * of steps whose mask [B, T] (0: none) is not 0; other steps keep the state. `bias` [3H], 0: none.
 */
export function gruForward(
  projected: usize, recurrent: usize, bias: usize, h0: usize, mask: usize, h: usize, gates: usize, inner: usize,
  from: i32, to: i32, steps: i32, units: i32, resetAfter: bool, backward: bool, scratch: usize,
): void {
  const rows = to - from, width = 3 * units, first = resetAfter ? width : 2 * units;
  const row = <usize>units << 2;
  const packed = scratch + <usize>productSpace(rows);
  const packedN = packed + <usize>packedSize(rows, units, first);
  const product = packedN + <usize>packedSize(rows, units, units);
  packMatrix(recurrent, width, 1, rows, units, first, packed);
  if (!resetAfter) packMatrix(recurrent + 2 * row, width, 1, rows, units, units, packedN);
  for (let s = 0; s < steps; s++) {
    const t = backward ? steps - 1 - s : s;
    const before = backward ? t + 1 : t - 1;
    const previous = s == 0 ? h0 + <usize>from * row : h + <usize>(from * steps + before) * row;
    stepProduct(previous, s == 0 ? units : steps * units, recurrent, width, 1, packed, product, rows, units, first, scratch);
    for (let b = from; b < to; b++) {
      const at = <usize>(b * steps + t);
      const last = s == 0 ? h0 + <usize>b * row : h + <usize>(b * steps + before) * row;
      const next = h + at * row;
      const q = inner + at * row;
      if (mask != 0 && f32.load(mask + (at << 2)) == 0) {
        memory.copy(next, last, row);
        memory.fill(q, 0, row);
        continue;
      }
      const p = projected + at * 3 * row, u = product + <usize>((b - from) * first << 2), y = gates + at * 3 * row;
      for (let j = 0; j < units; j += 4) {
        const x = <usize>j << 2, left = units - j;
        let sumZ = load4(u + x, left), sumR = load4(u + row + x, left);
        if (bias != 0) {
          sumZ = f32x4.add(sumZ, load4(bias + x, left));
          sumR = f32x4.add(sumR, load4(bias + row + x, left));
        }
        const z = sigmoid(f32x4.add(load4(p + x, left), sumZ));
        const r = sigmoid(f32x4.add(load4(p + row + x, left), sumR));
        const state = load4(last + x, left);
        store4(y + x, z, left);
        store4(y + row + x, r, left);
        if (!resetAfter) {
          store4(q + x, f32x4.mul(r, state), left);
          continue;
        }
        let sumN = load4(u + 2 * row + x, left);
        if (bias != 0) sumN = f32x4.add(sumN, load4(bias + 2 * row + x, left));
        const n = tanh(fma(r, sumN, load4(p + 2 * row + x, left)));
        store4(q + x, sumN, left);
        store4(y + 2 * row + x, n, left);
        store4(next + x, fma(z, f32x4.sub(state, n), n), left);
      }
    }
    if (resetAfter) continue;
    const reset = inner + <usize>(from * steps + t) * row;
    stepProduct(reset, steps * units, recurrent + 2 * row, width, 1, packedN, product, rows, units, units, scratch);
    for (let b = from; b < to; b++) {
      const at = <usize>(b * steps + t);
      if (mask != 0 && f32.load(mask + (at << 2)) == 0) continue;
      const last = s == 0 ? h0 + <usize>b * row : h + <usize>(b * steps + before) * row;
      const p = projected + at * 3 * row + 2 * row, u = product + <usize>(b - from) * row, y = gates + at * 3 * row;
      for (let j = 0; j < units; j += 4) {
        const x = <usize>j << 2, left = units - j;
        const n = tanh(f32x4.add(load4(p + x, left), load4(u + x, left)));
        store4(y + 2 * row + x, n, left);
        store4(h + at * row + x, fma(load4(y + x, left), f32x4.sub(load4(last + x, left), n), n), left);
      }
    }
  }
}

/**
 * From gradients by the states after each step, dOut [B, T, H], rows [from, to) of those by `projected`; by h U + bias, dInner
 * [B, T, 3H] (with `resetAfter`; else 0); and of dH [B, H], which holds the gradient by the last state before and by the
 * initial one after.
 */
export function gruBackward(
  recurrent: usize, h0: usize, mask: usize, h: usize, gates: usize, inner: usize, dOut: usize, dProjected: usize,
  dInner: usize, dH: usize, from: i32, to: i32, steps: i32, units: i32, backward: bool, scratch: usize,
): void {
  const resetAfter = dInner != 0;
  const rows = to - from, width = 3 * units, first = resetAfter ? width : 2 * units;
  const row = <usize>units << 2;
  const one = f32x4.splat(1);
  const packed = scratch + <usize>productSpace(rows);
  const packedN = packed + <usize>packedSize(rows, first, units);
  const product = packedN + <usize>packedSize(rows, units, units);
  const productN = product + <usize>rows * row;
  packMatrix(recurrent, 1, width, rows, first, units, packed);
  if (!resetAfter) packMatrix(recurrent + 2 * row, 1, width, rows, units, units, packedN);
  memory.fill(product, 0, <usize>rows * row);
  for (let s = steps - 1; s >= 0; s--) {
    const t = backward ? steps - 1 - s : s;
    const before = backward ? t + 1 : t - 1;
    for (let b = from; b < to; b++) {
      const at = <usize>(b * steps + t);
      const dy = dOut + at * row, u = product + <usize>(b - from) * row, dh = dH + <usize>b * row;
      const d = dProjected + at * 3 * row, e = dInner + at * 3 * row;
      if (mask != 0 && f32.load(mask + (at << 2)) == 0) {
        memory.fill(d, 0, 3 * row);
        if (resetAfter) memory.fill(e, 0, 3 * row);
        addTo(dh, dy, units);
        addTo(dh, u, units);
        continue;
      }
      const y = gates + at * 3 * row, q = inner + at * row;
      const last = s == 0 ? h0 + <usize>b * row : h + <usize>(b * steps + before) * row;
      for (let j = 0; j < units; j += 4) {
        const x = <usize>j << 2, left = units - j;
        const z = load4(y + x, left), n = load4(y + 2 * row + x, left);
        const slope = f32x4.add(f32x4.add(load4(dy + x, left), load4(dh + x, left)), load4(u + x, left));
        const dz = throughSigmoid(f32x4.mul(slope, f32x4.sub(load4(last + x, left), n)), z);
        const dn = throughTanh(f32x4.mul(slope, f32x4.sub(one, z)), n);
        store4(d + x, dz, left);
        store4(d + 2 * row + x, dn, left);
        store4(dh + x, f32x4.mul(slope, z), left);
        if (!resetAfter) continue;
        const r = load4(y + row + x, left);
        const dr = throughSigmoid(f32x4.mul(dn, load4(q + x, left)), r);
        store4(d + row + x, dr, left);
        store4(e + x, dz, left);
        store4(e + row + x, dr, left);
        store4(e + 2 * row + x, f32x4.mul(dn, r), left);
      }
    }
    const at = <usize>(from * steps + t);
    if (!resetAfter) {
      const d = dProjected + at * 3 * row + 2 * row;
      stepProduct(d, steps * width, recurrent + 2 * row, 1, width, packedN, productN, rows, units, units, scratch);
      for (let b = from; b < to; b++) {
        const here = <usize>(b * steps + t);
        if (mask != 0 && f32.load(mask + (here << 2)) == 0) continue;
        const u = productN + <usize>(b - from) * row, dh = dH + <usize>b * row;
        const y = gates + here * 3 * row + row, dr = dProjected + here * 3 * row + row;
        const last = s == 0 ? h0 + <usize>b * row : h + <usize>(b * steps + before) * row;
        for (let j = 0; j < units; j += 4) {
          const x = <usize>j << 2, left = units - j;
          const r = load4(y + x, left), slope = load4(u + x, left);
          store4(dr + x, throughSigmoid(f32x4.mul(slope, load4(last + x, left)), r), left);
          store4(dh + x, fma(slope, r, load4(dh + x, left)), left);
        }
      }
    }
    const d = (resetAfter ? dInner : dProjected) + at * 3 * row;
    stepProduct(d, steps * width, recurrent, 1, width, packed, product, rows, first, units, scratch);
  }
  addTo(dH + <usize>from * row, product, rows * units);
}
