// Data movement. Strides and blocks are bytes and may be 0 or negative; a range of the outermost axis is its addresses moved on.

/** From here on the engine's own copy is faster than a loop: it is a call out of WASM. */
const LONG: i32 = 512;

// @ts-ignore
@inline
export function copyBlock(src: usize, dst: usize, bytes: i32): void {
  if (bytes >= LONG) memory.copy(dst, src, bytes);
  else if (bytes >= 16) {
    const last = <usize>(bytes - 16);
    for (let i: usize = 0; i < last; i += 16) v128.store(dst + i, v128.load(src + i));
    v128.store(dst + last, v128.load(src + last)); // the end, some of it again
  } else if (bytes >= 8) {
    const last = <usize>(bytes - 8);
    const end = load<u64>(src + last);
    store<u64>(dst, load<u64>(src));
    store<u64>(dst + last, end);
  } else if (bytes >= 4) {
    const last = <usize>(bytes - 4);
    const end = load<u32>(src + last);
    store<u32>(dst, load<u32>(src));
    store<u32>(dst + last, end);
  } else {
    for (let i = 0; i < bytes; i++) store<u8>(dst + i, load<u8>(src + i));
  }
}

/** n words, their bits given. */
export function fillWords(dst: usize, n: i32, bits: i32): void {
  const value = i32x4.splat(bits);
  const end = dst + (<usize>n << 2);
  for (; dst + 16 <= end; dst += 16) v128.store(dst, value);
  for (; dst < end; dst += 4) store<i32>(dst, bits);
}

/** The same run of elements n times, `stride` bytes apart; `value` is the bits of a word or, of one byte, the byte. */
export function fillRuns(dst: usize, n: i32, stride: i32, elements: i32, value: i32, bytes: i32): void {
  for (let i = 0; i < n; i++) {
    if (bytes == 1 || (value == 0 && elements > 128)) memory.fill(dst, <u8>value, elements * bytes);
    else if (elements < 8) for (let k = 0; k < elements; k++) store<i32>(dst + (<usize>k << 2), value);
    else fillWords(dst, elements, value);
    dst += stride;
  }
}

export function copyBytes(src: usize, dst: usize, n: i32): void {
  memory.copy(dst, src, n);
}

function moveWords(src: usize, dst: usize, n: i32, s: i32, d: i32): void {
  let i = 0;
  if (d == 4 && s == 0) return fillWords(dst, n, load<i32>(src));
  if (d == 4 && s == -4) {
    for (; i + 4 <= n; i += 4) {
      const v = v128.load(src - 12);
      v128.store(dst, v128.shuffle<i32>(v, v, 3, 2, 1, 0));
      src -= 16;
      dst += 16;
    }
  } else if (d == 4) {
    for (; i + 4 <= n; i += 4) {
      let v = v128.load32_zero(src);
      v = v128.load_lane<i32>(src + s, v, 1);
      v = v128.load_lane<i32>(src + 2 * s, v, 2);
      v128.store(dst, v128.load_lane<i32>(src + 3 * s, v, 3));
      src += 4 * s;
      dst += 16;
    }
  }
  for (; i < n; i++) {
    store<u32>(dst, load<u32>(src));
    src += s;
    dst += d;
  }
}

function moveRow(src: usize, dst: usize, block: i32, n: i32, s: i32, d: i32): void {
  if (block == 4) return moveWords(src, dst, n, s, d);
  if (block == 1) {
    if (s == 0 && d == 1) return memory.fill(dst, load<u8>(src), n);
    for (let i = 0; i < n; i++) {
      store<u8>(dst, load<u8>(src));
      src += s;
      dst += d;
    }
    return;
  }
  if (block >= LONG) {
    for (let i = 0; i < n; i++) {
      memory.copy(dst, src, block);
      src += s;
      dst += d;
    }
    return;
  }
  if (block == 8) {
    for (let i = 0; i < n; i++) {
      store<u64>(dst, load<u64>(src));
      src += s;
      dst += d;
    }
    return;
  }
  for (let i = 0; i < n; i++) {
    copyBlock(src, dst, block);
    src += s;
    dst += d;
  }
}

/** dst = src over four axes: n of each, then its stride in src (s) and in dst (d), around blocks without gaps. */
export function moveBlocks(
  src: usize, dst: usize, block: i32,
  n0: i32, s0: i32, d0: i32, n1: i32, s1: i32, d1: i32, n2: i32, s2: i32, d2: i32, n3: i32, s3: i32, d3: i32,
): void {
  for (let i = 0; i < n0; i++) {
    for (let j = 0; j < n1; j++) {
      let p = src + i * s0 + j * s1;
      let q = dst + i * d0 + j * d1;
      for (let k = 0; k < n2; k++) {
        moveRow(p, q, block, n3, s3, d3);
        p += s2;
        q += d2;
      }
    }
  }
}

// @ts-ignore
@inline
function tile4(src: usize, s: usize, dst: usize, d: usize): void {
  const a = v128.load(src), b = v128.load(src + s), c = v128.load(src + 2 * s), e = v128.load(src + 3 * s);
  const t0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const t1 = v128.shuffle<i32>(c, e, 0, 4, 1, 5);
  const t2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const t3 = v128.shuffle<i32>(c, e, 2, 6, 3, 7);
  v128.store(dst, v128.shuffle<i32>(t0, t1, 0, 1, 4, 5));
  v128.store(dst + d, v128.shuffle<i32>(t0, t1, 2, 3, 6, 7));
  v128.store(dst + 2 * d, v128.shuffle<i32>(t2, t3, 0, 1, 4, 5));
  v128.store(dst + 3 * d, v128.shuffle<i32>(t2, t3, 2, 3, 6, 7));
}

/** Columns of four rows at most, whose other rows are not written. */
function lastRows(src: usize, s: usize, dst: usize, d: usize, rows: i32, cols: i32): void {
  const zero = i32x4.splat(0);
  let c = 0;
  for (; c + 4 <= cols; c += 4) {
    const e0 = v128.load(src);
    const e1 = rows > 1 ? v128.load(src + s) : zero;
    const e2 = rows > 2 ? v128.load(src + 2 * s) : zero;
    const t0 = v128.shuffle<i32>(e0, e1, 0, 4, 1, 5);
    const t1 = v128.shuffle<i32>(e0, e1, 2, 6, 3, 7);
    if (rows == 1) {
      v128.store_lane<i32>(dst, t0, 0);
      v128.store_lane<i32>(dst + d, t0, 2);
      v128.store_lane<i32>(dst + 2 * d, t1, 0);
      v128.store_lane<i32>(dst + 3 * d, t1, 2);
    } else {
      v128.store_lane<i64>(dst, t0, 0);
      v128.store_lane<i64>(dst + d, t0, 1);
      v128.store_lane<i64>(dst + 2 * d, t1, 0);
      v128.store_lane<i64>(dst + 3 * d, t1, 1);
      if (rows == 3) {
        v128.store_lane<i32>(dst, e2, 0, 8);
        v128.store_lane<i32>(dst + d, e2, 1, 8);
        v128.store_lane<i32>(dst + 2 * d, e2, 2, 8);
        v128.store_lane<i32>(dst + 3 * d, e2, 3, 8);
      }
    }
    src += 16;
    dst += 4 * d;
  }
  for (; c < cols; c++) {
    for (let k = 0; k < rows; k++) store<u32>(dst + (k << 2), load<u32>(src + k * s));
    src += 4;
    dst += d;
  }
}

/** A matrix of words: rows s apart in src become columns of dst, whose rows are d apart. */
function transposeMatrix(src: usize, s: usize, dst: usize, d: usize, rows: i32, cols: i32): void {
  // Blocks of 16 by 16 words, which are whole cache lines on both sides, down the source: reading far apart costs less
  // than writing.
  const tall = rows & ~15;
  for (let c0 = 0; c0 < cols; c0 += 16) {
    const c1 = min(c0 + 16, cols);
    for (let r = 0; r < tall; r += 16) {
      let p = src + r * s + (c0 << 2);
      let q = dst + c0 * d + (r << 2);
      let c = c0;
      for (; c + 4 <= c1; c += 4) {
        tile4(p, s, q, d);
        tile4(p + 4 * s, s, q + 16, d);
        tile4(p + 8 * s, s, q + 32, d);
        tile4(p + 12 * s, s, q + 48, d);
        p += 16;
        q += 4 * d;
      }
      for (; c < c1; c++) {
        moveWords(p, q, 16, s, 4);
        p += 4;
        q += d;
      }
    }
  }
  let r = tall;
  for (; r + 4 <= rows; r += 4) {
    let p = src + r * s;
    let q = dst + (r << 2);
    let c = 0;
    for (; c + 4 <= cols; c += 4) {
      tile4(p, s, q, d);
      p += 16;
      q += 4 * d;
    }
    for (; c < cols; c++) {
      moveWords(p, q, 4, s, 4);
      p += 4;
      q += d;
    }
  }
  if (r < rows) lastRows(src + r * s, s, dst + (r << 2), d, rows - r, cols);
}

/** Matrices of words, each transposed, over three axes; strides as of moveBlocks. */
export function transposeMatrices(
  src: usize, dst: usize, rows: i32, s: i32, cols: i32, d: i32,
  n0: i32, s0: i32, d0: i32, n1: i32, s1: i32, d1: i32, n2: i32, s2: i32, d2: i32,
): void {
  for (let i = 0; i < n0; i++) {
    for (let j = 0; j < n1; j++) {
      for (let k = 0; k < n2; k++) {
        const p = src + i * s0 + j * s1 + k * s2;
        const q = dst + i * d0 + j * d1 + k * d2;
        transposeMatrix(p, s, q, d, rows, cols);
      }
    }
  }
}
