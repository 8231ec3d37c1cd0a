import { expOrZero, log1p } from './math';
import { maxOfNumbers } from './reduce';
import { pairs } from './softmax';
import { loadTail, splat, storeTail } from './vector';

/**
 * Cross-entropy of labels [N] under logits [N, n], in nats, for rows [from, to): to `loss`, and where `grad` is not 0, its gradient
 * by the logits, softmax - onehot. Rows whose mask is 0 have loss and gradient 0; mask 0: there is none.
 */
export function sparseCrossEntropy(
  logits: usize, labels: usize, mask: usize, loss: usize, grad: usize, from: i32, to: i32, n: i32,
): void {
  const row = <usize>n << 2;
  for (let o = from; o < to; o++) {
    const at = <usize>o << 2;
    const x = logits + <usize>o * row, y = grad + <usize>o * row;
    if (mask != 0 && f32.load(mask + at) == 0) {
      f32.store(loss + at, 0);
      if (grad != 0) memory.fill(y, 0, row);
      continue;
    }
    const top = maxOfNumbers(x, n); // NaN reaches the sum, and by it the whole row
    const sum = exponentials(x, y, n, top, grad != 0);
    const label = <usize>load<i32>(labels + at) << 2;
    const rest = f32x4.extract_lane(log1p(splat(<f32>(sum - 1))), 0); // the sum holds e^0
    f32.store(loss + at, rest + (top - f32.load(x + label)));
    if (grad == 0) continue;
    f32.store(y + label, <f32>(<f64>f32.load(y + label) - sum));
    const scale = splat(<f32>(1 / sum));
    let q = y;
    let left = n;
    for (; left >= 4; left -= 4) {
      v128.store(q, f32x4.mul(v128.load(q), scale));
      q += 16;
    }
    if (left > 0) storeTail(q, f32x4.mul(loadTail(q, left), scale), left);
  }
}

/** Sum of e^(x - top) over n numbers; where `kept`, they go to y. */
function exponentials(x: usize, y: usize, n: i32, top: f32, kept: bool): f64 {
  const t = splat(top);
  let total = f64x2.splat(0);
  let left = n;
  for (; left >= 8; left -= 8) {
    const a = expOrZero(f32x4.sub(v128.load(x), t));
    const b = expOrZero(f32x4.sub(v128.load(x, 16), t));
    if (kept) {
      v128.store(y, a);
      v128.store(y, b, 16);
    }
    total = f64x2.add(total, pairs(f32x4.add(a, b)));
    x += 32;
    y += 32;
  }
  for (; left > 0; left -= 4) {
    const whole = left >= 4;
    const a = expOrZero(f32x4.sub(whole ? v128.load(x) : loadTail(x, left), t));
    const inside = i32x4.gt_s(i32x4.splat(left), v128(0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0));
    if (kept) {
      if (whole) v128.store(y, a);
      else storeTail(y, a, left);
    }
    total = f64x2.add(total, pairs(v128.and(a, inside)));
    x += 16;
    y += 16;
  }
  return f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
}
