// y[i] = f(x[i]) for i in [from, to). A class is one function; its method is compiled into the loop.
import { erf, exp, expm1, log, log1p, sigmoid, softplus, tanh } from './math';
import { loadTail, splat, storeTail } from './vector';

/** For functions that take longer than memory does. */
// @ts-ignore
@inline
function map<T>(x: usize, y: usize, from: i32, to: i32, p: v128, q: v128): void {
  const f = changetype<T>(0);
  x += (<usize>from) << 2;
  y += (<usize>from) << 2;
  let n = to - from;
  for (; n >= 4; n -= 4) {
    v128.store(y, f.apply(v128.load(x), p, q));
    x += 16;
    y += 16;
  }
  if (n > 0) storeTail(y, f.apply(loadTail(x, n), p, q), n);
}

/** For functions as fast as memory. */
// @ts-ignore
@inline
function stream<T>(x: usize, y: usize, from: i32, to: i32, p: v128, q: v128): void {
  const f = changetype<T>(0);
  for (; to - from >= 16; from += 16) {
    const i = (<usize>from) << 2;
    v128.store(y + i, f.apply(v128.load(x + i), p, q));
    v128.store(y + i, f.apply(v128.load(x + i, 16), p, q), 16);
    v128.store(y + i, f.apply(v128.load(x + i, 32), p, q), 32);
    v128.store(y + i, f.apply(v128.load(x + i, 48), p, q), 48);
  }
  map<T>(x, y, from, to, p, q);
}

@unmanaged
class Exp {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return exp(x);
  }
}
export function expMap(x: usize, y: usize, from: i32, to: i32): void {
  map<Exp>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Log {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return log(x);
  }
}
export function logMap(x: usize, y: usize, from: i32, to: i32): void {
  map<Log>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Log1p {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return log1p(x);
  }
}
export function log1pMap(x: usize, y: usize, from: i32, to: i32): void {
  map<Log1p>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Expm1 {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return expm1(x);
  }
}
export function expm1Map(x: usize, y: usize, from: i32, to: i32): void {
  map<Expm1>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Tanh {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return tanh(x);
  }
}
export function tanhMap(x: usize, y: usize, from: i32, to: i32): void {
  map<Tanh>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Sigmoid {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return sigmoid(x);
  }
}
export function sigmoidMap(x: usize, y: usize, from: i32, to: i32): void {
  map<Sigmoid>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Softplus {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return softplus(x);
  }
}
export function softplusMap(x: usize, y: usize, from: i32, to: i32): void {
  map<Softplus>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Erf {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return erf(x);
  }
}
export function erfMap(x: usize, y: usize, from: i32, to: i32): void {
  map<Erf>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Selu {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return f32x4.mul(v128.bitselect(f32x4.mul(expm1(x), splat(1.6732632423543772)), x, f32x4.lt(x, splat(0))), splat(1.0507009873554805));
  }
}
export function seluMap(x: usize, y: usize, from: i32, to: i32): void {
  map<Selu>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Sqrt {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return f32x4.sqrt(x);
  }
}
export function sqrtMap(x: usize, y: usize, from: i32, to: i32): void {
  stream<Sqrt>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Rsqrt {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return f32x4.div(splat(1), f32x4.sqrt(x));
  }
}
export function rsqrtMap(x: usize, y: usize, from: i32, to: i32): void {
  stream<Rsqrt>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Square {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return f32x4.mul(x, x);
  }
}
export function squareMap(x: usize, y: usize, from: i32, to: i32): void {
  stream<Square>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Neg {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return v128.xor(x, i32x4.splat(0x80000000));
  }
}
export function negMap(x: usize, y: usize, from: i32, to: i32): void {
  stream<Neg>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Abs {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return v128.and(x, i32x4.splat(0x7fffffff));
  }
}
export function absMap(x: usize, y: usize, from: i32, to: i32): void {
  stream<Abs>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Reciprocal {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return f32x4.div(splat(1), x);
  }
}
export function reciprocalMap(x: usize, y: usize, from: i32, to: i32): void {
  stream<Reciprocal>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Relu {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return f32x4.pmax(x, splat(0));
  }
}
export function reluMap(x: usize, y: usize, from: i32, to: i32): void {
  stream<Relu>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Clip {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return f32x4.pmax(f32x4.pmin(x, q), p);
  }
}
export function clipMap(x: usize, y: usize, from: i32, to: i32, p: f32, q: f32): void {
  stream<Clip>(x, y, from, to, splat(p), splat(q));
}

@unmanaged
class LeakyRelu {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return v128.bitselect(f32x4.mul(x, p), x, f32x4.lt(x, splat(0)));
  }
}
export function leakyReluMap(x: usize, y: usize, from: i32, to: i32, p: f32): void {
  stream<LeakyRelu>(x, y, from, to, splat(p), splat(0));
}

@unmanaged
class Step {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return v128.bitselect(v128.bitselect(splat(1), p, f32x4.gt(x, splat(0))), x, f32x4.eq(x, x));
  }
}
export function stepMap(x: usize, y: usize, from: i32, to: i32, p: f32): void {
  stream<Step>(x, y, from, to, splat(p), splat(0));
}

@unmanaged
class Sign {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return v128.or(v128.and(f32x4.gt(x, splat(0)), splat(1)), v128.and(f32x4.lt(x, splat(0)), splat(-1)));
  }
}
export function signMap(x: usize, y: usize, from: i32, to: i32): void {
  stream<Sign>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Floor {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return f32x4.floor(x);
  }
}
export function floorMap(x: usize, y: usize, from: i32, to: i32): void {
  stream<Floor>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Ceil {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return f32x4.ceil(x);
  }
}
export function ceilMap(x: usize, y: usize, from: i32, to: i32): void {
  stream<Ceil>(x, y, from, to, splat(0), splat(0));
}

@unmanaged
class Round {
  // @ts-ignore
  @inline
  apply(x: v128, p: v128, q: v128): v128 {
    return f32x4.nearest(x);
  }
}
export function roundMap(x: usize, y: usize, from: i32, to: i32): void {
  stream<Round>(x, y, from, to, splat(0), splat(0));
}

