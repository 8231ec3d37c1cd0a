import { fma, fnma } from './vector';

/** Sum of the squares of the elements [from, to), in float64: no square of a float32 overflows. */
export function sumOfSquares(x: usize, from: i32, to: i32): f64 {
  let a = f64x2.splat(0), b = f64x2.splat(0);
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const four = v128.load(x + (<usize>i << 2));
    const low = f64x2.promote_low_f32x4(four);
    const high = f64x2.promote_low_f32x4(v128.shuffle<i32>(four, four, 2, 3, 2, 3));
    a = f64x2.add(a, f64x2.mul(low, low));
    b = f64x2.add(b, f64x2.mul(high, high));
  }
  const sum = f64x2.add(a, b);
  let rest: f64 = 0;
  for (; i < to; i++) {
    const element = <f64>f32.load(x + (<usize>i << 2));
    rest += element * element;
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1) + rest;
}

/**
 * Adam for the elements [from, to) of one weight, along g' = scale g: m' = beta1 m + rate1 g', v' = beta2 v + rate2 g'^2,
 * w' = w - decay w - stepSize m' / (sqrt(v') + epsilon). An output is its input or overlaps nothing.
 */
export function adam(
  w: usize, m: usize, v: usize, g: usize, newW: usize, newM: usize, newV: usize, from: i32, to: i32,
  beta1: f32, rate1: f32, beta2: f32, rate2: f32, scale: f32, stepSize: f32, epsilon: f32, decay: f32,
): void {
  const b1 = f32x4.splat(beta1), r1 = f32x4.splat(rate1), b2 = f32x4.splat(beta2), r2 = f32x4.splat(rate2);
  const by = f32x4.splat(scale), step = f32x4.splat(-stepSize), eps = f32x4.splat(epsilon), less = f32x4.splat(decay);
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const at = <usize>i << 2;
    const grad = f32x4.mul(by, v128.load(g + at));
    const m1 = fma(b1, v128.load(m + at), f32x4.mul(r1, grad));
    const v1 = fma(b2, v128.load(v + at), f32x4.mul(r2, f32x4.mul(grad, grad)));
    let weight = v128.load(w + at);
    if (decay != 0) weight = fnma(less, weight, weight);
    v128.store(newM + at, m1);
    v128.store(newV + at, v1);
    v128.store(newW + at, fma(step, f32x4.div(m1, f32x4.add(f32x4.sqrt(v1), eps)), weight));
  }
  for (; i < to; i++) {
    const at = <usize>i << 2;
    const grad = scale * f32.load(g + at);
    const m1 = beta1 * f32.load(m + at) + rate1 * grad;
    const v1 = beta2 * f32.load(v + at) + rate2 * (grad * grad);
    let weight = f32.load(w + at);
    if (decay != 0) weight -= decay * weight;
    f32.store(newM + at, m1);
    f32.store(newV + at, v1);
    f32.store(newW + at, weight - (stepSize * m1) / (sqrt<f32>(v1) + epsilon));
  }
}
