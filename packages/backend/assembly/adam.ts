// @ts-ignore
@inline
function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/**
 * Adam for the elements [from, to) of one weight: m' = beta1 m + rate1 g, v' = beta2 v + rate2 g^2,
 * w' = w - stepSize m' / (sqrt(v') + epsilon). The outputs may not overlap the inputs, and nothing else.
 */
export function adam(
  w: usize, m: usize, v: usize, g: usize, newW: usize, newM: usize, newV: usize, from: i32, to: i32,
  beta1: f32, rate1: f32, beta2: f32, rate2: f32, stepSize: f32, epsilon: f32,
): void {
  const b1 = f32x4.splat(beta1), r1 = f32x4.splat(rate1), b2 = f32x4.splat(beta2), r2 = f32x4.splat(rate2);
  const step = f32x4.splat(-stepSize), eps = f32x4.splat(epsilon);
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const at = <usize>i << 2;
    const grad = v128.load(g + at);
    const m1 = madd(b1, v128.load(m + at), f32x4.mul(r1, grad));
    const v1 = madd(b2, v128.load(v + at), f32x4.mul(r2, f32x4.mul(grad, grad)));
    v128.store(newM + at, m1);
    v128.store(newV + at, v1);
    v128.store(newW + at, madd(step, f32x4.div(m1, f32x4.add(f32x4.sqrt(v1), eps)), v128.load(w + at)));
  }
  for (; i < to; i++) {
    const at = <usize>i << 2;
    const grad = f32.load(g + at);
    const m1 = beta1 * f32.load(m + at) + rate1 * grad;
    const v1 = beta2 * f32.load(v + at) + rate2 * (grad * grad);
    f32.store(newM + at, m1);
    f32.store(newV + at, v1);
    f32.store(newW + at, f32.load(w + at) - (stepSize * m1) / (sqrt<f32>(v1) + epsilon));
  }
}
