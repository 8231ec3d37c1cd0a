// Running sums and products, and the places of extremes, along one axis of [outer, n, inner].

// @ts-ignore
@inline
function join<T>(a: T, b: T, product: bool): T {
  return product ? <T>(a * b) : <T>(a + b);
}

// @ts-ignore
@inline
function joinLanes<T>(a: v128, b: v128, product: bool): v128 {
  return product ? v128.mul<T>(a, b) : v128.add<T>(a, b);
}

/** x + -0 is x, also where x is -0. */
// @ts-ignore
@inline
function neutral<T>(product: bool, exclusive: bool): T {
  if (product) return <T>1;
  if (isFloat<T>()) return exclusive ? <T>0 : <T>-0.0;
  return <T>0;
}

/** Rows without gaps, four at once: one sum waits for the one before. */
// @ts-ignore
@inline
function scanRows<T>(x: usize, out: usize, outer: i32, n: i32, exclusive: bool, reverse: bool, product: bool): void {
  const row = <usize>n << 2;
  const step: i32 = reverse ? -4 : 4;
  const start = reverse ? row - 4 : 0;
  const first = neutral<T>(product, exclusive);
  let o = 0;
  for (; o + 4 <= outer; o += 4) {
    let p = x + o * row + start;
    let q = out + o * row + start;
    let a = first, b = first, c = first, d = first;
    for (let i = 0; i < n; i++) {
      if (exclusive) {
        store<T>(q, a);
        store<T>(q + row, b);
        store<T>(q + 2 * row, c);
        store<T>(q + 3 * row, d);
      }
      a = join<T>(a, load<T>(p), product);
      b = join<T>(b, load<T>(p + row), product);
      c = join<T>(c, load<T>(p + 2 * row), product);
      d = join<T>(d, load<T>(p + 3 * row), product);
      if (!exclusive) {
        store<T>(q, a);
        store<T>(q + row, b);
        store<T>(q + 2 * row, c);
        store<T>(q + 3 * row, d);
      }
      p += step;
      q += step;
    }
  }
  for (; o < outer; o++) {
    let p = x + o * row + start;
    let q = out + o * row + start;
    let a = first;
    for (let i = 0; i < n; i++) {
      if (exclusive) store<T>(q, a);
      a = join<T>(a, load<T>(p), product);
      if (!exclusive) store<T>(q, a);
      p += step;
      q += step;
    }
  }
}

/** Columns: a row of out is the row before joined with one of x. */
// @ts-ignore
@inline
function scanColumns<T>(x: usize, out: usize, outer: i32, n: i32, inner: i32, exclusive: bool, reverse: bool, product: bool): void {
  const row = <usize>inner << 2;
  const step: i32 = reverse ? -(<i32>row) : <i32>row;
  for (let o = 0; o < outer; o++) {
    let p = x + o * (n * row);
    let q = out + o * (n * row);
    if (reverse) {
      p += (n - 1) * row;
      q += (n - 1) * row;
    }
    if (exclusive) {
      const first = neutral<T>(product, true);
      for (let j = 0; j < inner; j++) store<T>(q + (<usize>j << 2), first);
    } else memory.copy(q, p, row);
    if (!exclusive) p += step;
    for (let i = 1; i < n; i++) {
      let before = q;
      q += step;
      let j = 0;
      let at: usize = 0;
      for (; j + 4 <= inner; j += 4) {
        v128.store(q + at, joinLanes<T>(v128.load(before + at), v128.load(p + at), product));
        at += 16;
      }
      for (; j < inner; j++) {
        store<T>(q + at, join<T>(load<T>(before + at), load<T>(p + at), product));
        at += 4;
      }
      p += step;
    }
  }
}

// @ts-ignore
@inline
function scan<T>(x: usize, out: usize, outer: i32, n: i32, inner: i32, exclusive: bool, reverse: bool, product: bool): void {
  if (inner == 1) scanRows<T>(x, out, outer, n, exclusive, reverse, product);
  else scanColumns<T>(x, out, outer, n, inner, exclusive, reverse, product);
}

export function cumsumFloat(x: usize, out: usize, outer: i32, n: i32, inner: i32, exclusive: i32, reverse: i32): void {
  if (exclusive) scan<f32>(x, out, outer, n, inner, true, reverse != 0, false);
  else scan<f32>(x, out, outer, n, inner, false, reverse != 0, false);
}

export function cumsumInt(x: usize, out: usize, outer: i32, n: i32, inner: i32, exclusive: i32, reverse: i32): void {
  scan<i32>(x, out, outer, n, inner, exclusive != 0, reverse != 0, false);
}

export function cumprodFloat(x: usize, out: usize, outer: i32, n: i32, inner: i32, exclusive: i32, reverse: i32): void {
  scan<f32>(x, out, outer, n, inner, exclusive != 0, reverse != 0, true);
}

// @ts-ignore
@inline
function beats<T>(a: T, b: T, least: bool): bool {
  return least ? a < b : a > b;
}

// @ts-ignore
@inline
function beatsLanes<T>(a: v128, b: v128, least: bool): v128 {
  return least ? v128.lt<T>(a, b) : v128.gt<T>(a, b);
}

/**
 * Lanes begin with the row's first element and index 0: so a NaN there wins for good, as on the CPU engine, and any
 * other never does.
 */
// @ts-ignore
@inline
function argRow<T>(p: usize, n: i32, least: bool): i32 {
  let best = load<T>(p);
  let at = 0;
  let i = 0;
  if (n >= 16) {
    let v = v128.splat<T>(best), w = v;
    let k = i32x4.splat(0), l = k;
    let here = i32x4(0, 1, 2, 3);
    const four = i32x4.splat(4);
    for (; i + 8 <= n; i += 8) {
      const a = v128.load(p + (<usize>i << 2));
      const b = v128.load(p + (<usize>i << 2), 16);
      const m = beatsLanes<T>(a, v, least);
      v = v128.bitselect(a, v, m);
      k = v128.bitselect(here, k, m);
      here = i32x4.add(here, four);
      const m2 = beatsLanes<T>(b, w, least);
      w = v128.bitselect(b, w, m2);
      l = v128.bitselect(here, l, m2);
      here = i32x4.add(here, four);
    }
    for (let lane = 0; lane < 8; lane++) {
      const value = v128.extract_lane<T>(lane < 4 ? v : w, 0);
      const index = i32x4.extract_lane(lane < 4 ? k : l, 0);
      if (beats<T>(value, best, least) || (value == best && index < at)) {
        best = value;
        at = index;
      }
      if (lane < 4) {
        v = v128.shuffle<i32>(v, v, 1, 2, 3, 0);
        k = v128.shuffle<i32>(k, k, 1, 2, 3, 0);
      } else {
        w = v128.shuffle<i32>(w, w, 1, 2, 3, 0);
        l = v128.shuffle<i32>(l, l, 1, 2, 3, 0);
      }
    }
  }
  for (; i < n; i++) {
    const value = load<T>(p + (<usize>i << 2));
    if (beats<T>(value, best, least)) {
      best = value;
      at = i;
    }
  }
  return at;
}

// @ts-ignore
@inline
function argColumns<T>(x: usize, out: usize, n: i32, inner: i32, least: bool): void {
  const row = <usize>inner << 2;
  let j = 0;
  for (; j + 16 <= inner; j += 16) {
    let p = x + (<usize>j << 2);
    let a = v128.load(p), b = v128.load(p, 16), c = v128.load(p, 32), d = v128.load(p, 48);
    let ka = i32x4.splat(0), kb = ka, kc = ka, kd = ka;
    for (let i = 1; i < n; i++) {
      p += row;
      const here = i32x4.splat(i);
      let v = v128.load(p);
      let m = beatsLanes<T>(v, a, least);
      a = v128.bitselect(v, a, m);
      ka = v128.bitselect(here, ka, m);
      v = v128.load(p, 16);
      m = beatsLanes<T>(v, b, least);
      b = v128.bitselect(v, b, m);
      kb = v128.bitselect(here, kb, m);
      v = v128.load(p, 32);
      m = beatsLanes<T>(v, c, least);
      c = v128.bitselect(v, c, m);
      kc = v128.bitselect(here, kc, m);
      v = v128.load(p, 48);
      m = beatsLanes<T>(v, d, least);
      d = v128.bitselect(v, d, m);
      kd = v128.bitselect(here, kd, m);
    }
    const q = out + (<usize>j << 2);
    v128.store(q, ka);
    v128.store(q, kb, 16);
    v128.store(q, kc, 32);
    v128.store(q, kd, 48);
  }
  for (; j < inner; j++) {
    let p = x + (<usize>j << 2);
    let best = load<T>(p);
    let at = 0;
    for (let i = 1; i < n; i++) {
      p += row;
      const value = load<T>(p);
      if (beats<T>(value, best, least)) {
        best = value;
        at = i;
      }
    }
    store<i32>(out + (<usize>j << 2), at);
  }
}

// @ts-ignore
@inline
function arg<T>(x: usize, out: usize, outer: i32, n: i32, inner: i32, least: bool): void {
  if (inner == 1) {
    for (let o = 0; o < outer; o++) store<i32>(out + (<usize>o << 2), argRow<T>(x + o * (n << 2), n, least));
  } else {
    for (let o = 0; o < outer; o++) argColumns<T>(x + o * (n * inner << 2), out + o * (inner << 2), n, inner, least);
  }
}

/** out int32 [outer, inner]: the first place of the largest; n >= 1. */
export function argMaxFloat(x: usize, out: usize, outer: i32, n: i32, inner: i32): void {
  arg<f32>(x, out, outer, n, inner, false);
}

export function argMinFloat(x: usize, out: usize, outer: i32, n: i32, inner: i32): void {
  arg<f32>(x, out, outer, n, inner, true);
}

export function argMaxInt(x: usize, out: usize, outer: i32, n: i32, inner: i32): void {
  arg<i32>(x, out, outer, n, inner, false);
}

export function argMinInt(x: usize, out: usize, outer: i32, n: i32, inner: i32): void {
  arg<i32>(x, out, outer, n, inner, true);
}
