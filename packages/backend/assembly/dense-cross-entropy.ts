// Cross-entropy of labels under the logits x W + b, in blocks of rows: the logits of a block are made, become exponentials, and
// serve both gradients before the next block is begun, so that each product is computed once and the logits never exist as a whole.
import { KC } from './gemm';
import { MR, NR, panels } from './gemm-micro';
import { interleave, packA, packB } from './gemm-pack';
import { expOrZero, log1p } from './math';
import { pairs } from './softmax';
import { loadTail, splat, storeTail } from './vector';

/** Rows at a time: that deep are the sums behind W's gradient. A multiple of MR. */
const BLOCK: i32 = 192;
/** Columns at a time, in the passes where a block's columns have to stay in the L2 cache. A multiple of NR. */
const CHUNK: i32 = 256;

/** Panels of NR columns. */
// @ts-ignore: decorator
@inline
function wide(columns: i32): i32 {
  return (columns + NR - 1) & ~(NR - 1);
}

/** Panels of MR rows. */
// @ts-ignore: decorator
@inline
function tall(rows: i32): i32 {
  return (rows + MR - 1) / MR * MR;
}

// The work space for x of D features and V classes, one piece after the other; those from `turned` on serve the gradient.

// @ts-ignore: decorator
@inline
function floats(rows: i32, columns: i32): usize {
  return (<usize>rows * <usize>columns) << 2;
}

/** W in panels of 8 columns, per KC rows. */
// @ts-ignore: decorator
@inline
function packedAt(space: usize): usize {
  return space + 192;
}

/** b; beyond the last class -Infinity, which has no part in a maximum and gives e^-Infinity = 0. */
// @ts-ignore: decorator
@inline
function biasAt(space: usize, d: i32, v: i32): usize {
  return packedAt(space) + floats(d, wide(v));
}

/** Of each row of a block: its sum in float64, then its scale, maximum, logit of the label, and per lane a sum or maximum. */
// @ts-ignore: decorator
@inline
function sumsAt(space: usize, d: i32, v: i32): usize {
  return biasAt(space, d, v) + floats(1, wide(v));
}

/** Rows of x with a 1 behind each, [BLOCK, D + 1]: W's gradient has b's as one more row. */
// @ts-ignore: decorator
@inline
function rowsAt(space: usize, d: i32, v: i32): usize {
  return sumsAt(space, d, v) + floats(BLOCK, 9);
}

/** The same in panels of 6 rows. */
// @ts-ignore: decorator
@inline
function leftAt(space: usize, d: i32, v: i32): usize {
  return rowsAt(space, d, v) + floats(BLOCK, d + 1);
}

/** The block of logits, in panels of 8 columns. */
// @ts-ignore: decorator
@inline
function logitsAt(space: usize, d: i32, v: i32): usize {
  return leftAt(space, d, v) + floats(BLOCK, d);
}

/** W transposed in panels of 8 columns, per CHUNK rows. */
// @ts-ignore: decorator
@inline
function turnedAt(space: usize, d: i32, v: i32): usize {
  return logitsAt(space, d, v) + floats(BLOCK, wide(v));
}

/** The gradient of W and, as row D, of b, in panels of 8 columns: a panel is one run of memory. */
// @ts-ignore: decorator
@inline
function sinkAt(space: usize, d: i32, v: i32): usize {
  return turnedAt(space, d, v) + floats(wide(d), wide(v));
}

/** The scaled rows of x transposed, in panels of 6 rows; a chunk of logits in panels of 6 rows; the gradient of x. */
// @ts-ignore: decorator
@inline
function crossAt(space: usize, d: i32, v: i32): usize {
  return sinkAt(space, d, v) + floats(tall(d + 1), wide(v));
}

/** Bytes of work space. */
export function denseCrossEntropySpace(d: i32, v: i32, gradient: i32): usize {
  if (!gradient) return turnedAt(0, d, v);
  return crossAt(0, d, v) + floats(tall(d + 1), BLOCK) + floats(BLOCK, CHUNK) + floats(BLOCK, wide(d));
}

/** Prepares the work space: kernel [D, V] and bias [V] packed, no gradient yet. */
export function denseCrossEntropyStart(kernel: usize, bias: usize, d: i32, v: i32, gradient: i32, space: usize): void {
  const v8 = wide(v), d8 = wide(d);
  const packed = packedAt(space);
  for (let pc = 0; pc < d; pc += KC) {
    const kc = min(KC, d - pc);
    packB(kernel + floats(pc, v), v, 1, kc, v, packed + floats(pc, v8), floats(kc, NR));
  }
  const b = biasAt(space, d, v);
  memory.copy(b, bias, floats(1, v));
  for (let j = v; j < v8; j++) f32.store(b + floats(1, j), -Infinity);
  if (!gradient) return;
  const turned = turnedAt(space, d, v);
  memory.fill(turned, 0, crossAt(space, d, v) - turned); // the rows beyond the last class, and the gradients
  for (let jc = 0; jc < v; jc += CHUNK) {
    const wanted = min(CHUNK, v - jc);
    packB(kernel + floats(1, jc), 1, v, wanted, d, turned + floats(jc, d8), floats(wide(wanted), NR));
  }
}

/**
 * The rows of x [N, D] whose numbers stand in rows[from, to): returns the sum of weights [N] times the cross-entropy of labels
 * [N], in nats. With `dx` not 0, writes those rows of the gradient by x [N, D] and adds to the gradients in the work space.
 */
export function denseCrossEntropyRows(
  x: usize, labels: usize, weights: usize, rows: usize, from: i32, to: i32, d: i32, v: i32, dx: usize, space: usize,
): f64 {
  let total: f64 = 0;
  for (let i = from; i < to; i += BLOCK) {
    total += block(x, labels, weights, rows + floats(1, i), min(BLOCK, to - i), d, v, dx, space);
  }
  return total;
}

/** The gradients that have come together: by the kernel [D, V] and by the bias [V]. */
export function denseCrossEntropyEnd(d: i32, v: i32, dKernel: usize, dBias: usize, space: usize): void {
  const sink = sinkAt(space, d, v);
  const step = floats(tall(d + 1), NR);
  for (let i = 0; i <= d; i++) {
    let from = sink + floats(i, NR);
    let to = i < d ? dKernel + floats(i, v) : dBias;
    let left = v;
    for (; left >= NR; left -= NR) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      to += 32;
      from += step;
    }
    memory.copy(to, from, floats(1, left));
  }
}

function block(x: usize, labels: usize, weights: usize, rows: usize, count: i32, d: i32, v: i32, dx: usize, space: usize): f64 {
  const m = tall(count), v8 = wide(v), d8 = wide(d), width = d + 1;
  const own = rowsAt(space, d, v), left = leftAt(space, d, v), logits = logitsAt(space, d, v);
  const sums = sumsAt(space, d, v);
  const scales = sums + floats(BLOCK, 2), tops = scales + floats(BLOCK, 1), targets = tops + floats(BLOCK, 1);
  const parts = targets + floats(BLOCK, 1);

  for (let i = 0; i < count; i++) {
    const to = own + floats(i, width);
    memory.copy(to, x + floats(load<i32>(rows + floats(1, i)), d), floats(1, d));
    f32.store(to + floats(1, d), 1);
  }
  memory.fill(own + floats(count, width), 0, floats(m - count, width));
  for (let pc = 0; pc < d; pc += KC) packA(own + floats(1, pc), width, 1, m, min(KC, d - pc), left + floats(pc, m));

  for (let i = 0; i < m; i++) v128.store(parts + floats(i, 4), splat(-Infinity));
  const packed = packedAt(space), bias = biasAt(space, d, v);
  for (let j = 0; j < v8; j += NR) {
    const panel = logits + floats(j, m);
    if (d == 0) memory.fill(panel, 0, floats(m, NR));
    for (let pc = 0; pc < d; pc += KC) {
      const kc = min(KC, d - pc);
      panels(kc, left + floats(pc, m), packed + floats(pc, v8) + floats(j, kc), m, NR, panel, 32, 0, pc == 0, space);
    }
    addBias(panel, bias + floats(1, j), m, parts);
  }

  for (let i = 0; i < m; i++) {
    const top = v128.load(parts + floats(i, 4));
    const two = f32x4.pmax(top, v128.shuffle<i64>(top, top, 1, 0));
    f32.store(tops + floats(1, i), max<f32>(f32x4.extract_lane(two, 0), f32x4.extract_lane(two, 1)));
    f64.store(sums + floats(i, 2), 0);
  }
  for (let i = 0; i < count; i++) {
    const label = load<i32>(labels + floats(1, load<i32>(rows + floats(1, i))));
    f32.store(targets + floats(1, i), f32.load(place(logits, m, i, label)));
  }
  for (let jc = 0; jc < v8; jc += CHUNK) {
    memory.fill(parts, 0, floats(m, 4));
    const end = min(jc + CHUNK, v8);
    for (let j = jc; j < end; j += NR) exponentials(logits + floats(j, m), tops, m, parts);
    for (let i = 0; i < m; i++) {
      const sum = pairs(v128.load(parts + floats(i, 4)));
      const at = sums + floats(i, 2);
      f64.store(at, f64.load(at) + (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)));
    }
  }

  let total: f64 = 0;
  for (let i = 0; i < count; i++) {
    const row = load<i32>(rows + floats(1, i));
    const sum = f64.load(sums + floats(i, 2));
    const weight = f32.load(weights + floats(1, row));
    const rest = f32x4.extract_lane(log1p(splat(<f32>(sum - 1))), 0); // the sum holds e^0
    total += <f64>weight * (<f64>rest + (<f64>f32.load(tops + floats(1, i)) - <f64>f32.load(targets + floats(1, i))));
    const scale = <f32>(<f64>weight / sum);
    f32.store(scales + floats(1, i), scale);
    if (dx == 0) continue;
    const at = place(logits, m, i, load<i32>(labels + floats(1, row)));
    f32.store(at, <f32>(<f64>f32.load(at) - sum));
    scaled(own + floats(i, width), own + floats(i, width), scale, width);
  }
  if (dx == 0) return total;

  const cross = crossAt(space, d, v), turned = turnedAt(space, d, v), sink = sinkAt(space, d, v);
  const tallD = tall(width);
  const chunk = cross + floats(tallD, BLOCK), dRows = chunk + floats(BLOCK, CHUNK);
  packA(own, 1, width, width, m, cross);
  for (let jc = 0; jc < v8; jc += CHUNK) {
    const end = min(jc + CHUNK, v8);
    for (let j = jc; j < end; j += NR) {
      panels(m, cross, logits + floats(j, m), tallD, NR, sink + floats(j, tallD), 32, 0, false, space);
    }
    repack(logits + floats(jc, m), m, end - jc, chunk);
    panels(end - jc, chunk, turned + floats(jc, d8), m, d8, dRows, floats(1, d8), 0, jc == 0, space);
  }
  for (let i = 0; i < count; i++) {
    scaled(dRows + floats(i, d8), dx + floats(load<i32>(rows + floats(1, i)), d), f32.load(scales + floats(1, i)), d);
  }
  return total;
}

/** Where column `j` of row `i` stands among panels of 8 columns. */
// @ts-ignore: decorator
@inline
function place(logits: usize, m: i32, i: i32, j: i32): usize {
  return logits + floats(j & ~(NR - 1), m) + floats(i, NR) + floats(1, j & (NR - 1));
}

/** Adds the bias to a panel [m, 8], and takes its numbers into the maxima [m, 4] of the rows. */
function addBias(panel: usize, bias: usize, m: i32, tops: usize): void {
  const low = v128.load(bias), high = v128.load(bias, 16);
  for (const end = panel + floats(m, NR); panel < end; panel += 32) {
    const a = f32x4.add(v128.load(panel), low), b = f32x4.add(v128.load(panel, 16), high);
    v128.store(panel, a);
    v128.store(panel, b, 16);
    v128.store(tops, f32x4.pmax(f32x4.pmax(v128.load(tops), a), b)); // NaN is left to the sum
    tops += 16;
  }
}

/** A panel [m, 8] becomes e^(logit - maximum of its row), and is added to the sums [m, 4]. */
function exponentials(panel: usize, tops: usize, m: i32, sums: usize): void {
  for (const end = panel + floats(m, NR); panel < end; panel += 32) {
    const top = v128.load32_splat(tops);
    const a = expOrZero(f32x4.sub(v128.load(panel), top));
    const b = expOrZero(f32x4.sub(v128.load(panel, 16), top));
    v128.store(panel, a);
    v128.store(panel, b, 16);
    v128.store(sums, f32x4.add(v128.load(sums), f32x4.add(a, b)));
    tops += 4;
    sums += 16;
  }
}

/** Columns in panels [m, 8] to panels [columns, 6] of six rows each. */
function repack(logits: usize, m: i32, columns: i32, out: usize): void {
  const step = floats(m, NR);
  for (let i = 0; i < m; i += MR) {
    let p = logits + floats(i, NR);
    for (let j = 0; j < columns; j += NR) {
      interleave(p, p + 32, p + 64, p + 96, p + 128, p + 160, NR, out);
      p += step;
      out += 192;
    }
  }
}

function scaled(from: usize, to: usize, factor: f32, n: i32): void {
  const f = splat(factor);
  for (; n >= 4; n -= 4) {
    v128.store(to, f32x4.mul(v128.load(from), f));
    from += 16;
    to += 16;
  }
  if (n > 0) storeTail(to, f32x4.mul(loadTail(from, n), f), n);
}
